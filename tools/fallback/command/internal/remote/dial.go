package remote

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	provider "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"
)

const (
	firstRetryDelay = 100 * time.Millisecond
	maxRetryDelay   = 5 * time.Second
	retryBackoff    = 1.5
)

// client is an open connection. Closing it closes the one to the proxy too.
type client struct {
	*ssh.Client
	proxy *ssh.Client
}

// Close ends every session on the connection.
func (c *client) Close() {
	_ = c.Client.Close()
	if c.proxy != nil {
		_ = c.proxy.Close()
	}
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// dial connects and logs in, retrying as the connection says.
func (c *Connection) dial(ctx context.Context) (*client, error) {
	config, done, err := c.clientConfig()
	if err != nil {
		return nil, err
	}
	defer done()
	if c.Proxy == nil {
		direct, err := c.connect(ctx, "Dial", new(net.Dialer).DialContext, config)
		if err != nil {
			return nil, err
		}
		return &client{Client: direct}, nil
	}

	proxyConfig, proxyDone, err := c.Proxy.clientConfig()
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	defer proxyDone()
	proxy, err := c.Proxy.connect(ctx, "Dial proxy", new(net.Dialer).DialContext, proxyConfig)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	target, err := c.connect(ctx, "Dial from proxy", proxy.DialContext, config)
	if err != nil {
		_ = proxy.Close()
		return nil, fmt.Errorf("proxy: %w", err)
	}
	return &client{Client: target, proxy: proxy}, nil
}

// connect dials until it succeeds, dialErrorLimit failures have been followed by one more, or the
// operation is cancelled.
func (e *Endpoint) connect(
	ctx context.Context, step string, dial dialFunc, config *ssh.ClientConfig,
) (*ssh.Client, error) {
	limit := e.dialErrorLimit()
	shownLimit := strconv.Itoa(limit)
	if limit < 0 {
		shownLimit = "inf"
	}
	delay := firstRetryDelay
	for failures := 1; ; failures++ {
		conn, err := e.handshake(ctx, dial, config)
		if err == nil {
			return conn, nil
		}
		if limit >= 0 && failures > limit {
			return nil, fmt.Errorf("after %d failed attempts: %w", limit, err)
		}
		if ctx.Err() == nil {
			provider.GetLogger(ctx).InfoStatusf("%s %d/%s failed: retrying (%v)", step, failures, shownLimit, err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w after %d failed attempts: %w", ctx.Err(), failures, err)
		case <-time.After(delay):
		}
		delay = min(time.Duration(float64(delay)*retryBackoff), maxRetryDelay)
	}
}

// handshake makes one attempt. The timeout covers the login as well as the TCP connection: a machine
// that hangs still accepts connections.
func (e *Endpoint) handshake(ctx context.Context, dial dialFunc, config *ssh.ClientConfig) (*ssh.Client, error) {
	if timeout := e.perDialTimeout(); timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	conn, err := dial(ctx, "tcp", e.address())
	if err != nil {
		return nil, err
	}
	// Deadlines would be simpler, but a connection through a proxy has none.
	release := context.AfterFunc(ctx, func() { _ = conn.Close() })
	sshConn, channels, requests, err := ssh.NewClientConn(conn, e.address(), config)
	if !release() {
		return nil, fmt.Errorf("ssh: no login at %s: %w", e.address(), ctx.Err())
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return ssh.NewClient(sshConn, channels, requests), nil
}
