//go:build tools

// Package plugin pins the official plugin, which tests build from here.
package plugin

import _ "github.com/aws/session-manager-plugin/src/sessionmanagerplugin-main"
