package tests

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// runsOver tells whether a command runs over connection, and fails the test if not.
func (p *plugin) runsOver(t *testing.T, connection properties) {
	t.Helper()
	created := p.create(t, remoteCommand, properties{"connection": connection, "create": "echo ran"})
	if created.stdout() != "ran" {
		t.Errorf("stdout %q", created.stdout())
	}
}

// refusedOver returns why none does.
func (p *plugin) refusedOver(t *testing.T, connection properties) string {
	t.Helper()
	return p.createFails(t, remoteCommand, properties{"connection": connection, "create": "echo ran"})
}

func TestConnectionsAreClosed(t *testing.T) {
	differsFromOfficial(t, "remote.Command leaves its connections open")
	p, s, bastion := startPlugin(t), startSSHD(t), startSSHD(t)
	for _, connection := range []properties{
		s.connection(), s.connection().with(properties{"proxy": bastion.connection()}),
	} {
		inputs := properties{"connection": connection, "create": "true", "update": "exit 1", "delete": "true"}
		created := p.create(t, remoteCommand, inputs)
		if _, err := p.tryUpdate(t, remoteCommand, created, inputs, false); err == nil {
			t.Error("update succeeded")
		}
		must(t, p.delete(t, remoteCommand, created))
	}
	if s.logins() != 6 || bastion.logins() != 3 {
		t.Errorf("%d logins, %d at the bastion", s.logins(), bastion.logins())
	}
	eventually(t, "no connection is open", func() bool { return s.open(t) == 0 && bastion.open(t) == 0 })
}

func TestCopyConnectionsAreClosed(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	p.create(t, copyToRemote, properties{
		"connection": s.connection(), "source": textAsset(t, "x"), "remotePath": filepath.Join(t.TempDir(), "copy"),
	})
	eventually(t, "no connection is open", func() bool { return s.open(t) == 0 })
}

func TestConnectionDefaults(t *testing.T) {
	p := startPlugin(t)
	checked := p.check(t, remoteCommand, properties{
		"connection": properties{"host": "a", "proxy": properties{"host": "b", "dialErrorLimit": 0}},
	})
	want := resource.NewPropertyMapFromMap(map[string]any{
		"host": "a", "user": "root", "port": 22, "dialErrorLimit": 10, "perDialTimeout": 15,
		"proxy": map[string]any{"host": "b", "user": "root", "port": 22, "dialErrorLimit": 0, "perDialTimeout": 15},
	})
	if got := checked["connection"].SecretValue().Element.ObjectValue(); !got.DeepEquals(want) {
		t.Errorf("connection %v, want %v", got, want)
	}
}

func TestHostKey(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	p.runsOver(t, s.connection().with(properties{"hostKey": nil}))
	_, other := ed25519Key(t)
	failure := p.refusedOver(t, s.connection().with(properties{"hostKey": other, "dialErrorLimit": 0}))
	if !strings.Contains(failure, "after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch") {
		t.Errorf("failure %q", failure)
	}
	if s.logins() != 1 {
		t.Errorf("%d logins", s.logins())
	}
	failure = p.refusedOver(t, s.connection().with(properties{"hostKey": "nonsense"}))
	if !strings.Contains(failure, "failed to parse host key: ssh: no key found") {
		t.Errorf("failure %q", failure)
	}
}

func TestRSAHostKey(t *testing.T) {
	differsFromOfficial(t, "of an RSA key it accepts only SHA-1 signatures, which sshd does not make")
	p, s := startPlugin(t), startSSHD(t)
	p.runsOver(t, s.connection().with(properties{"hostKey": s.rsaKey}))
	_, other := rsaKey(t)
	failure := p.refusedOver(t, s.connection().with(properties{"hostKey": other, "dialErrorLimit": 0}))
	if !strings.Contains(failure, "host key mismatch") {
		t.Errorf("failure %q", failure)
	}
}

func TestWrongKeyIsTriedUpToTheLimit(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	key, _ := ed25519Key(t)
	failure := p.refusedOver(t, s.connection().with(properties{"privateKey": key}))
	if !strings.Contains(failure, "after 2 failed attempts: ssh: handshake failed: ssh: unable to authenticate") {
		t.Errorf("failure %q", failure)
	}
	if s.dials() != 3 {
		t.Errorf("%d dials with a limit of 2, want 3", s.dials())
	}
	for i, shown := range p.infos() {
		if want := fmt.Sprintf("Dial %d/2 failed: retrying", i+1); !strings.HasPrefix(shown, want) {
			t.Errorf("shown %q, want %q", shown, want)
		}
	}
}

func TestRefusedDialsEnd(t *testing.T) {
	p := startPlugin(t)
	start := time.Now()
	failure := p.refusedOver(t, properties{"host": "127.0.0.1", "port": freePort(t), "dialErrorLimit": 3})
	if !strings.Contains(failure, "after 3 failed attempts: dial tcp 127.0.0.1:") {
		t.Errorf("failure %q", failure)
	}
	// 0.1 s, then half as long again each time.
	if took := time.Since(start); took < 400*time.Millisecond || took > 3*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestSilentServerIsGivenUp(t *testing.T) {
	differsFromOfficial(t, "perDialTimeout ends with the TCP connection")
	p, bastion := startPlugin(t), startSSHD(t)
	connection := properties{"host": "127.0.0.1", "port": silentServer(t), "dialErrorLimit": 1, "perDialTimeout": 1}
	for _, connection := range []properties{connection, connection.with(properties{"proxy": bastion.connection()})} {
		start := time.Now()
		failure := p.refusedOver(t, connection)
		if !strings.Contains(failure, "after 1 failed attempts: ssh: no login at 127.0.0.1:") {
			t.Errorf("failure %q", failure)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
	}
}

// silentServer accepts connections and says nothing, like a machine that hangs. It returns its port.
func silentServer(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

func TestProxy(t *testing.T) {
	p, s, bastion := startPlugin(t), startSSHD(t), startSSHD(t)
	p.runsOver(t, s.connection().with(properties{"proxy": bastion.connection()}))
	if s.logins() != 1 || bastion.logins() != 1 {
		t.Errorf("%d logins, %d at the bastion", s.logins(), bastion.logins())
	}
	wrong, hostKey := ed25519Key(t)
	for reason, proxy := range map[string]properties{
		"proxy: after 2 failed attempts: ssh: handshake failed: ssh: unable to authenticate": {"privateKey": wrong},
		"proxy: after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch": {
			"hostKey": hostKey, "dialErrorLimit": 0,
		},
	} {
		failure := p.refusedOver(t, s.connection().with(properties{"proxy": bastion.connection().with(proxy)}))
		if !strings.Contains(failure, reason) {
			t.Errorf("failure %q, want %q", failure, reason)
		}
	}
	closed := startSSHD(t, "AllowTcpForwarding no")
	failure := p.refusedOver(t, s.connection().with(properties{"proxy": closed.connection()}))
	if !strings.Contains(failure, "proxy: after 2 failed attempts: ssh: rejected: administratively prohibited") {
		t.Errorf("failure %q", failure)
	}
	if s.dials() != 1 {
		t.Errorf("%d dials", s.dials())
	}
}

func TestProxyRetriesTheTarget(t *testing.T) {
	differsFromOfficial(t, "after a failed login through a proxy it retries on the dead connection")
	p, s, bastion := startPlugin(t), startSSHD(t), startSSHD(t)
	key, _ := ed25519Key(t)
	connection := s.connection().with(properties{"privateKey": key, "proxy": bastion.connection()})
	failure := p.refusedOver(t, connection)
	if !strings.Contains(failure, "proxy: after 2 failed attempts: ssh: handshake failed: ssh: unable to authenticate") {
		t.Errorf("failure %q", failure)
	}
	if s.dials() != 3 {
		t.Errorf("%d dials with a limit of 2, want 3", s.dials())
	}
}
