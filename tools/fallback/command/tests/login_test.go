package tests

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

func TestEncryptedPrivateKey(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	key, err := ssh.ParseRawPrivateKey([]byte(s.key))
	must(t, err)
	encrypted, _ := encodeKey(t, key.(*ed25519.PrivateKey), "open sesame")
	connection := s.connection().with(properties{"privateKey": encrypted, "privateKeyPassword": "open sesame"})
	p.runsOver(t, connection)
	failure := p.refusedOver(t, connection.with(properties{"privateKeyPassword": "wrong"}))
	if !strings.Contains(failure, "x509: decryption password incorrect") {
		t.Errorf("failure %q", failure)
	}
	failure = p.refusedOver(t, connection.with(properties{"privateKeyPassword": nil}))
	if !strings.Contains(failure, "ssh: this private key is passphrase protected") {
		t.Errorf("failure %q", failure)
	}
	if s.dials() != 1 {
		t.Errorf("%d dials: a key that cannot be read is no reason for one", s.dials())
	}
}

func TestAgent(t *testing.T) {
	s := startSSHD(t)
	key, err := ssh.ParseRawPrivateKey([]byte(s.key))
	must(t, err)
	keys := agent.NewKeyring()
	must(t, keys.Add(agent.AddedKey{PrivateKey: key}))
	socket := filepath.Join(t.TempDir(), "agent")
	listener, err := net.Listen("unix", socket)
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			go func() { _ = agent.ServeAgent(keys, conn) }()
		}
	}()
	keyless := s.connection().with(properties{"privateKey": nil})
	startPlugin(t).runsOver(t, keyless.with(properties{"agentSocketPath": socket}))
	startPlugin(t, "SSH_AUTH_SOCK="+socket).runsOver(t, keyless)
	startPlugin(t).refusedOver(t, keyless)
	// Also with a private key: 1.2.1 does not fall back on it either.
	failure := startPlugin(t, "SSH_AUTH_SOCK="+socket+".gone").refusedOver(t, s.connection())
	if !strings.Contains(failure, "dial unix "+socket+".gone: connect: no such file or directory") {
		t.Errorf("failure %q", failure)
	}
}

func TestPassword(t *testing.T) {
	key, err := newSigner()
	must(t, err)
	for _, method := range []string{"password", "keyboard-interactive"} {
		config := &ssh.ServerConfig{}
		config.AddHostKey(key)
		correct := func(password string) (*ssh.Permissions, error) {
			if password != "open sesame" {
				return nil, fmt.Errorf("wrong password")
			}
			return nil, nil
		}
		if method == "password" {
			config.PasswordCallback = func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
				return correct(string(password))
			}
		} else {
			config.KeyboardInteractiveCallback = func(
				_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge,
			) (*ssh.Permissions, error) {
				answers, err := ask("", "", []string{"Password: "}, []bool{false})
				if err != nil {
					return nil, err
				}
				return correct(answers[0])
			}
		}
		// sshd would need a user with a password. This server lets in and then has no sessions.
		connection := properties{"host": "127.0.0.1", "port": loginServer(t, config), "dialErrorLimit": 0}
		p := startPlugin(t)
		failure := p.refusedOver(t, connection.with(properties{"password": "open sesame"}))
		if !strings.Contains(failure, "ssh: rejected: unknown channel type") {
			t.Errorf("%s: failure %q", method, failure)
		}
		failure = p.refusedOver(t, connection.with(properties{"password": "wrong"}))
		if !strings.Contains(failure, "ssh: unable to authenticate") {
			t.Errorf("%s: failure %q", method, failure)
		}
	}
}

func newSigner() (ssh.Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return ssh.NewSignerFromKey(key)
}

func loginServer(t *testing.T, config *ssh.ServerConfig) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			_, channels, requests, err := ssh.NewServerConn(conn, config)
			if err != nil {
				continue
			}
			go ssh.DiscardRequests(requests)
			go func() {
				for channel := range channels {
					_ = channel.Reject(ssh.UnknownChannelType, "logged in")
				}
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}
