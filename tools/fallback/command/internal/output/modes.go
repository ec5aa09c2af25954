// Package output keeps what a command prints, and shows it while the command runs.
package output

import "github.com/pulumi/pulumi-go-provider/infer"

// The values of a resource's `logging`.
const (
	logStdout = "stdout"
	logStderr = "stderr"
	logBoth   = "stdoutAndStderr"
	logNone   = "none"
)

// Modes lists the values of `logging` for the schema. The enum type is the caller's, because its
// token carries the name of the package that declares it.
func Modes[M ~string]() []infer.EnumValue[M] {
	value := func(mode M, description string) infer.EnumValue[M] {
		return infer.EnumValue[M]{Name: string(mode), Value: mode, Description: description}
	}
	return []infer.EnumValue[M]{
		value(logStdout, "Show stdout but not stderr"),
		value(logStderr, "Show stderr but not stdout"),
		value(logBoth, "Show stdout and stderr"),
		value(logNone, "Show neither"),
	}
}

// shown tells which streams a mode shows; without a mode, both.
func shown[M ~string](mode *M) (stdout, stderr bool) {
	if mode == nil {
		return true, true
	}
	both := *mode == logBoth
	return both || *mode == logStdout, both || *mode == logStderr
}
