package tests

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/emptypb"
)

// What becomes of the remote process is sshd's affair: it passes the signal on, except to root's processes
// where it runs without privilege separation for them.

func TestCommandIsStoppedByTimeout(t *testing.T) {
	differsFromOfficial(t, "a running command ignores customTimeouts and cancellation")
	p, s := startPlugin(t), startSSHD(t)
	start := time.Now()
	_, err := p.tryCreate(t, remoteCommand, properties{"connection": s.connection(), "create": "sleep 20"}, 1)
	if err == nil || !strings.Contains(err.Error(), `deadline exceeded`) || time.Since(start) > 10*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
	eventually(t, "the connection is closed", func() bool { return s.open(t) == 0 })
}

func TestCommandIsStoppedByCancellation(t *testing.T) {
	differsFromOfficial(t, "a running command ignores customTimeouts and cancellation")
	p, s := startPlugin(t), startSSHD(t)
	go func() {
		eventually(t, "the command runs", func() bool { return strings.Contains(s.logs.String(), "Starting session") })
		_, _ = p.Cancel(context.Background(), &emptypb.Empty{})
	}()
	failure := p.createFails(t, remoteCommand, properties{"connection": s.connection(), "create": "sleep 20"})
	if !strings.Contains(failure, "canceled") {
		t.Errorf("failure %q", failure)
	}
	eventually(t, "the connection is closed", func() bool { return s.open(t) == 0 })
}

func TestDialIsStoppedByCancellation(t *testing.T) {
	p := startPlugin(t)
	connection := properties{"host": "127.0.0.1", "port": freePort(t), "dialErrorLimit": -1}
	go func() {
		eventually(t, "a dial has failed", func() bool { return len(p.infos()) > 0 })
		_, _ = p.Cancel(context.Background(), &emptypb.Empty{})
	}()
	failure := p.createFails(t, remoteCommand, properties{"connection": connection, "create": "true"})
	if !strings.Contains(failure, "canceled") {
		t.Errorf("failure %q", failure)
	}
	if infos := p.infos(); !strings.HasPrefix(infos[0], "Dial 1/inf failed: retrying") {
		t.Errorf("shown %q", infos)
	}
}

func TestCopyIsStoppedByTimeout(t *testing.T) {
	differsFromOfficial(t, "a server that says nothing hangs it")
	p := startPlugin(t)
	connection := properties{"host": "127.0.0.1", "port": silentServer(t), "perDialTimeout": 0}
	start := time.Now()
	_, err := p.tryCreate(t, copyToRemote, properties{
		"connection": connection, "source": textAsset(t, "x"), "remotePath": "/nowhere",
	}, 1)
	if err == nil || !strings.Contains(err.Error(), "deadline exceeded") || time.Since(start) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
}
