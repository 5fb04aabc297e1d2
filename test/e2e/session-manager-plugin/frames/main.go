// Reads frames in hexadecimal digits, one a line, and writes what the official plugin sees in each, as JSON.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/aws/session-manager-plugin/src/log"
	"github.com/aws/session-manager-plugin/src/message"
)

type fields struct {
	MessageType    string `json:"messageType"`
	SchemaVersion  uint32 `json:"schemaVersion"`
	CreatedDate    uint64 `json:"createdDate"`
	SequenceNumber int64  `json:"sequenceNumber"`
	Flags          uint64 `json:"flags"`
	MessageId      string `json:"messageId"`
	PayloadType    uint32 `json:"payloadType"`
	Payload        string `json:"payload"`
}

func main() {
	logger := log.Logger(false, "frames")
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		frame, err := hex.DecodeString(lines.Text())
		if err != nil {
			fail(err)
		}
		var seen message.ClientMessage
		if err = seen.DeserializeClientMessage(logger, frame); err != nil {
			fail(err)
		}
		if err = seen.Validate(); err != nil {
			fail(err)
		}
		line, err := json.Marshal(fields{strings.TrimRight(seen.MessageType, " \x00"), seen.SchemaVersion, seen.CreatedDate, seen.SequenceNumber,
			seen.Flags, seen.MessageId.String(), seen.PayloadType, hex.EncodeToString(seen.Payload)})
		if err != nil {
			fail(err)
		}
		fmt.Println(string(line))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
