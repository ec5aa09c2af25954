package tests

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// sshd is a real SSH server on this machine, with keys and configuration of its own.
type sshd struct {
	port    int
	pid     int
	user    string
	key     string // a private key it accepts
	hostKey string // its ed25519 key
	rsaKey  string // its RSA key
	logs    *lockedBuffer
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// startSSHD adds lines to the configuration; where sshd takes the first of several, they win.
func startSSHD(t *testing.T, lines ...string) *sshd {
	t.Helper()
	binary, err := findSSHD()
	if err != nil {
		t.Fatal("no sshd on this machine; Debian has it in openssh-server")
	}
	me, err := user.Current()
	must(t, err)
	if me.Uid == "0" {
		must(t, os.MkdirAll("/run/sshd", 0o755)) // sshd refuses to start as root without it
	}
	dir := t.TempDir()
	s := &sshd{user: me.Username, logs: &lockedBuffer{}, port: freePort(t)}
	var public string
	s.key, public = ed25519Key(t)
	writeFile(t, filepath.Join(dir, "authorized_keys"), public)
	var hostKey string
	hostKey, s.hostKey = ed25519Key(t)
	writeFile(t, filepath.Join(dir, "host_ed25519"), hostKey)
	hostKey, s.rsaKey = rsaKey(t)
	writeFile(t, filepath.Join(dir, "host_rsa"), hostKey)
	config := append(lines,
		fmt.Sprintf("ListenAddress 127.0.0.1:%d", s.port),
		"HostKey "+filepath.Join(dir, "host_ed25519"),
		"HostKey "+filepath.Join(dir, "host_rsa"),
		"AuthorizedKeysFile "+filepath.Join(dir, "authorized_keys"),
		"PidFile none", "StrictModes no", "UsePAM no", "PasswordAuthentication no",
		"PermitRootLogin prohibit-password", "Subsystem sftp internal-sftp", "LogLevel VERBOSE", "MaxStartups 100",
	)
	writeFile(t, filepath.Join(dir, "sshd_config"), strings.Join(config, "\n")+"\n")

	cmd := exec.Command(binary, "-D", "-e", "-f", filepath.Join(dir, "sshd_config"))
	cmd.Stderr = s.logs
	cmd.WaitDelay = time.Second // its children hold stderr as long as their connections are open
	must(t, cmd.Start())
	s.pid = cmd.Process.Pid
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log("sshd said:\n" + s.logs.String())
		}
	})
	eventually(t, "sshd listens", func() bool { return strings.Contains(s.logs.String(), "Server listening") })
	return s
}

func findSSHD() (string, error) {
	if path, err := exec.LookPath("sshd"); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/sshd")
}

// connection is one that works and does not wait long when it does not.
func (s *sshd) connection() properties {
	return properties{
		"host": "127.0.0.1", "port": s.port, "user": s.user, "privateKey": s.key, "hostKey": s.hostKey,
		"dialErrorLimit": 2,
	}
}

// dials counts the connections made so far, logins those that got in.
func (s *sshd) dials() int  { return strings.Count(s.logs.String(), "Connection from ") }
func (s *sshd) logins() int { return strings.Count(s.logs.String(), "Accepted publickey ") }

// open counts the connections that are still there: sshd has a child process for each.
func (s *sshd) open(t *testing.T) int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	must(t, err)
	children := 0
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // that process has ended
		}
		var state string
		var parent int
		_, afterName, _ := strings.Cut(string(text), ") ")
		if n, _ := fmt.Sscan(afterName, &state, &parent); n == 2 && parent == s.pid && state != "Z" {
			children++
		}
	}
	return children
}

func ed25519Key(t *testing.T) (private, public string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	return encodeKey(t, key, "")
}

func rsaKey(t *testing.T) (private, public string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	return encodeKey(t, key, "")
}

// encodeKey encrypts the private key if there is a password.
func encodeKey(t *testing.T, key crypto.Signer, password string) (private, public string) {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "")
	if password != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(password))
	}
	must(t, err)
	sshKey, err := ssh.NewPublicKey(key.Public())
	must(t, err)
	return string(pem.EncodeToMemory(block)), string(ssh.MarshalAuthorizedKey(sshKey))
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(content), 0o600))
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	return string(content)
}
