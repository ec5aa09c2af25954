// Command flannel is a stand-in for flannel's CNI plugin, whose module cannot be had; the one of before it had a repository
// of its own knows no IPv6. It does what upstream's README says of Linux: it reads what flanneld wrote of this node's
// subnets, completes the delegate's configuration with them, and has the delegate (bridge) do the work.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

type object = map[string]any

type config struct {
	CNIVersion string `json:"cniVersion"`
	Name       string `json:"name"`
	SubnetFile string `json:"subnetFile"`
	DataDir    string `json:"dataDir"`
	Delegate   object `json:"delegate"`
	IPAM       object `json:"ipam"`
}

func main() {
	if err := run(os.Getenv("CNI_COMMAND")); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			// The delegate has said on standard output what is wrong.
			os.Exit(exit.ExitCode())
		}
		_ = json.NewEncoder(os.Stdout).Encode(object{"cniVersion": "0.3.1", "code": 999, "msg": err.Error()})
		os.Exit(1)
	}
}

func run(command string) error {
	if command == "VERSION" {
		versions := []string{"0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0"}
		return json.NewEncoder(os.Stdout).Encode(object{"cniVersion": "1.0.0", "supportedVersions": versions})
	}
	given := config{SubnetFile: "/run/flannel/subnet.env", DataDir: "/var/lib/cni/flannel"}
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		return fmt.Errorf("reading the network's configuration: %w", err)
	}
	// What was delegated is kept for the day the pod goes: the subnets may be others by then.
	kept := filepath.Join(given.DataDir, os.Getenv("CNI_CONTAINERID"))
	switch command {
	case "ADD":
		return add(given, kept)
	case "DEL":
		return del(kept)
	}
	return nil
}

func add(given config, kept string) error {
	env, err := readSubnets(given.SubnetFile)
	if err != nil {
		return err
	}
	delegate := complete(given, env)
	text, err := json.Marshal(delegate)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(given.DataDir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(kept, text, 0o600); err != nil {
		return err
	}
	return call(delegate["type"].(string), text)
}

func del(kept string) error {
	text, err := os.ReadFile(kept)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var delegate struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(text, &delegate); err != nil {
		return fmt.Errorf("reading %s: %w", kept, err)
	}
	if err := call(delegate.Type, text); err != nil {
		return err
	}
	return os.Remove(kept)
}

// complete adds what flanneld found to what the configuration says of the delegate, which wins.
func complete(given config, env map[string]string) object {
	mtu, _ := strconv.Atoi(env["FLANNEL_MTU"])
	delegate := object{
		"type":   "bridge",
		"ipMasq": env["FLANNEL_IPMASQ"] != "true",
		"mtu":    mtu,
	}
	for key, value := range given.Delegate {
		delegate[key] = value
	}
	if _, told := delegate["isGateway"]; !told && delegate["type"] == "bridge" {
		delegate["isGateway"] = true
	}
	delegate["name"] = given.Name
	delegate["cniVersion"] = given.CNIVersion
	delegate["ipam"] = addresses(given.IPAM, env)
	return delegate
}

// addresses has a range and a route for each family that flanneld has.
func addresses(ipam object, env map[string]string) object {
	if ipam == nil {
		ipam = object{}
	}
	if _, told := ipam["type"]; !told {
		ipam["type"] = "host-local"
	}
	ranges := [][]object{}
	routes, _ := ipam["routes"].([]any)
	for _, family := range []string{"", "IPV6_"} {
		if subnet := env["FLANNEL_"+family+"SUBNET"]; subnet != "" {
			ranges = append(ranges, []object{{"subnet": network(subnet)}})
		}
		for _, whole := range strings.Split(env["FLANNEL_"+family+"NETWORK"], ",") {
			if whole != "" {
				routes = append(routes, object{"dst": whole})
			}
		}
	}
	ipam["ranges"], ipam["routes"] = ranges, routes
	return ipam
}

// network is a subnet without the host's part, which flanneld writes as the gateway's address.
func network(subnet string) string {
	if prefix, err := netip.ParsePrefix(subnet); err == nil {
		return prefix.Masked().String()
	}
	return subnet
}

// readSubnets reads the file's lines, KEY=VALUE.
func readSubnets(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("is flanneld running? %w", err)
	}
	env := map[string]string{}
	for _, line := range strings.Split(string(text), "\n") {
		if key, value, found := strings.Cut(strings.TrimSpace(line), "="); found {
			env[key] = value
		}
	}
	return env, nil
}

// call runs the delegate in this process's environment, which has the rest of the call.
func call(plugin string, input []byte) error {
	for _, folder := range filepath.SplitList(os.Getenv("CNI_PATH")) {
		file := filepath.Join(folder, plugin)
		if _, err := os.Stat(file); err != nil {
			continue
		}
		command := exec.Command(file)
		command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(input), os.Stdout, os.Stderr
		return command.Run()
	}
	return fmt.Errorf("no plugin %q in CNI_PATH %q", plugin, os.Getenv("CNI_PATH"))
}
