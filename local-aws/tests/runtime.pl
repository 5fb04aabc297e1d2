#!/usr/bin/perl
# The smallest runtime that can do what Lambda lets a runtime do. The event says what:
#   {"sh": "a command", "as": "response" | "stream" | "broken stream" | "error" | "exit" | "eat"}
# The answer is what the command prints; a stream is passed on as it is printed.
BEGIN { delete $ENV{LANG} }
use strict;
use warnings;
use IO::Socket::INET;

sub call {
    my ($method, $path, $headers, $write) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => $ENV{AWS_LAMBDA_RUNTIME_API}) or die "no Runtime API: $@";
    binmode $socket;
    print $socket "$method /2018-06-01/runtime/$path HTTP/1.1\r\nHost: $ENV{AWS_LAMBDA_RUNTIME_API}\r\nConnection: close\r\n$headers\r\n";
    $write->($socket) if $write;
    $socket->flush;
    local $/ = "\r\n";
    my $status = <$socket>;
    my %header;
    while (defined(my $line = <$socket>) ) {
        chomp $line;
        last if $line eq '';
        my ($name, $value) = split /: /, $line, 2;
        $header{lc $name} = $value;
    }
    local $/;
    my $body = <$socket>;
    return ((split / /, $status)[1], \%header, $body);
}

sub whole {
    my ($path, $body, $more) = @_;
    return call('POST', $path, 'Content-Length: ' . length($body) . "\r\n" . ($more // ''), sub { print { $_[0] } $body });
}

sub of_event {
    my ($event, $name) = @_;
    return '' if $event !~ /"$name": ?"((?:[^"\\]|\\.)*)"/;
    return $1 =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ger;
}

my $begun = time;
system($ENV{AT_INIT}) if $ENV{AT_INIT};
if ($ENV{INIT_ERROR}) {
    whole('init/error', '{"errorType": "No.Way", "errorMessage": "not today"}', "Lambda-Runtime-Function-Error-Type: No.Way\r\n");
    exit 1;
}
while (1) {
    my (undef, $header, $event) = call('GET', 'invocation/next', '');
    my $id = $header->{'lambda-runtime-aws-request-id'};
    my ($command, $as) = (of_event($event, 'sh'), of_event($event, 'as'));
    $ENV{ARN} = $header->{'lambda-runtime-invoked-function-arn'};
    $ENV{DEADLINE} = $header->{'lambda-runtime-deadline-ms'};
    $ENV{REQUEST} = $id;
    exit 3 if $as eq 'exit';
    my @eaten;
    push @eaten, 'y' x 1_000_000 . @eaten while $as eq 'eat';
    open my $output, '-|', 'sh', '-c', $command or die $!;
    binmode $output;
    if ($as =~ /stream/) {
        my $headers = "Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n"
            . "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n";
        call('POST', "invocation/$id/response", $headers, sub {
            my ($socket) = @_;
            while (sysread $output, my $data, 65536) {
                print $socket sprintf('%x', length $data) . "\r\n$data\r\n";
                $socket->flush;
            }
            # {"errorMessage":"broke"}
            print $socket "0\r\n" . ($as =~ /broken/ ? "Lambda-Runtime-Function-Error-Type: Some.Error\r\n"
                . "Lambda-Runtime-Function-Error-Body: eyJlcnJvck1lc3NhZ2UiOiJicm9rZSJ9\r\n" : '') . "\r\n";
        });
    } else {
        my $answer = do { local $/; <$output> } // '';
        my ($status, undef, $said) = $as eq 'error'
            ? whole("invocation/$id/error", $answer, "Lambda-Runtime-Function-Error-Type: Some.Error\r\n")
            : whole("invocation/$id/response", $answer);
        print "the Runtime API said $status $said\n" if $status != 202;
    }
    close $output;
}
