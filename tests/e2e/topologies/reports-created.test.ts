import { expect, it } from "vitest";
import { expectReady } from "../looks";
import { eventually, kubectl, onHost, type Stack } from "../stack";
import { testTopology } from "../topology";

/** Hosts as people have them, on which a cluster comes up all the same: public reports. */
const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];
const CONTROL_PLANE = ["cp1", "cp2", "cp3"];

/** A registry as Harbor has it: the images of one project, below a path. */
const HARBOR = `server {
    listen 5001;
    location /v2/k8s/ { proxy_pass http://10.88.0.2:5000/v2/; proxy_set_header Host $http_host; }
    location / { return 404; }
}
`;

/** Nothing listens there. */
const PROXY = "http://10.88.0.1:3128";

const GIVEN: Record<string, string> = {
    // Docker's own documentation.
    w1:
        "install -d /etc/apt/keyrings && curl -fsS http://10.88.0.2/containerd/gpg -o /etc/apt/keyrings/docker.asc && " +
        "echo 'deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] http://10.88.0.2/containerd bookworm stable' " +
        ">/etc/apt/sources.list.d/docker.list && apt-get -qq update",
    // An image that brings containerd's configuration, a vendor's repository that is gone, and the kubelet's folder on another disk.
    w2:
        "umount /var/lib/kubelet && rmdir /var/lib/kubelet && mkdir -p /data/kubelet && ln -s /data/kubelet /var/lib/kubelet && " +
        "install -d /etc/containerd && printf 'version = 2\\n' >/etc/containerd/config.toml && " +
        "echo 'deb [trusted=yes] http://10.88.0.2/vendor-gone bookworm main' >/etc/apt/sources.list.d/vendor.list",
    // Another program reads apt's lists when the run begins.
    cp2:
        'setsid --fork perl -MFcntl -e \'$l = pack("ssx4qqlx4", F_WRLCK, 0, 0, 0, 0); ' +
        'open(F, ">>", "/var/lib/apt/lists/lock"); fcntl(F, F_SETLK, $l) or die $!; sleep 45\' </dev/null >/dev/null 2>&1',
    // A hardened sshd, a login shell that talks, and folders in which no program may run.
    cp1:
        "mount -t tmpfs -o noexec tmpfs /tmp && mount --bind /root /root && mount -o remount,bind,noexec /root && " +
        "sed -i '1i echo \"*** all activity is logged ***\"; umask 0077' /root/.bashrc && sed -i '/^Subsystem/d' /etc/ssh/sshd_config && " +
        "printf 'MaxSessions 1\\nBanner /etc/issue\\n' >>/etc/ssh/sshd_config && systemctl reload ssh",
    cp3: "usermod --shell /bin/dash root",
    lb1:
        "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y nginx && " +
        "cat >/etc/nginx/conf.d/harbor.conf && systemctl restart nginx",
};
/** For every login: Debian's sshd reads the file. */
const ENVIRONMENT = `printf 'http_proxy=${PROXY}\\nhttps_proxy=${PROXY}\\nno_proxy=localhost\\n' >>/etc/environment`;

async function prepare(stack: Stack): Promise<void> {
    for (const [host, command] of Object.entries(GIVEN)) await onHost(host, command, HARBOR);
    for (const node of nodes) await onHost(node, ENVIRONMENT);
    const { sources, ssh } = stack.config;
    stack.config.ssh = { ...ssh, user: "root" };
    stack.config.sources = {
        ...sources,
        registryMirrors: { ...sources.registryMirrors, "registry.k8s.io": "http://10.88.0.10:5001/v2/k8s" },
        proxy: { http: PROXY, no: ["10.88.0.0/24"] },
    };
}

testTopology("keepalived-only", {
    title: "hosts with traces of other programs",
    hosts: ["lb1", ...nodes],
    nodes,
    prepare,
    looks: () => {
        it("no static pod has the proxy of the hosts' logins", async () => {
            for (const node of CONTROL_PLANE) {
                // One of the hosts greets each login.
                const found = await onHost(node, "grep -il _proxy /etc/kubernetes/manifests/* || true");
                expect(found, node).not.toContain("/etc/kubernetes/manifests");
            }
        });

        it("the images came from the project of the registry", async () => {
            const asked = await onHost("lb1", "cat /var/log/nginx/access.log");
            expect(asked).toMatch(/GET \/v2\/k8s\/kube-apiserver\/manifests\/\S+ HTTP\/1\.1" 200/);
            expect(asked).not.toContain("/v2/k8s/v2/");
        });

        it("a host that DHCP renames stays the same node", async () => {
            await onHost("w2", "hostname dhcp-17 && systemctl restart kubelet");
            const since = new Date();
            await eventually(60, "the kubelet of w2 reports again", async () => {
                const lease = ["get", "lease", "w2", "--namespace", "kube-node-lease"];
                const renewed = await kubectl(...lease, "--output", "jsonpath={.spec.renewTime}");
                expect(new Date(renewed).getTime()).toBeGreaterThan(since.getTime());
            });
            await onHost("w2", "hostname w2");
            await expectReady(nodes);
        });

        it("the host's own repository still works", async () => {
            await onHost("w1", "apt-get -qq update");
        });
    },
    failures: [],
});
