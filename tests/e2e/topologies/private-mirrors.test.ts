import { mkdirSync, readFileSync, writeFileSync } from "fs";
import * as path from "path";
import { gunzipSync } from "zlib";
import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { LAB_DIR, LAB_FILES } from "../../../lab/paths";
import { Config, onHost, Stack } from "../stack";
import { powerCut, testTopology } from "../topology";

const nodes = ["cp1", "w1", "w2"];
const SITE = "10.88.0.10";
const PASSWORD = 'pull\'$1 "only"';

/** A forward proxy, the only one to know the packages' name, and a registry behind TLS and a login. Both lead to the mirror. */
const NGINX = `
user www-data;
events {}
http {
    log_format who '$remote_addr $remote_user $host $request_uri $status';
    map $host $target { packages.site.example 10.88.0.2; default $host; }
    server {
        listen 3128;
        access_log /var/log/nginx/proxy.log who;
        location / { proxy_pass http://$target$request_uri; }
    }
    server {
        listen 443 ssl;
        ssl_certificate /root/site.crt;
        ssl_certificate_key /root/site.key;
        auth_basic site;
        auth_basic_user_file /etc/nginx/users;
        access_log /var/log/nginx/registry.log who;
        location / { proxy_pass http://10.88.0.2:5000; proxy_set_header Host $http_host; }
    }
}`;

const CERTIFICATE = `cd /root && umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=site-ca -keyout ca.key -out ca.crt
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=registry -keyout site.key -out site.csr
openssl x509 -req -in site.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 1 -extfile <(echo subjectAltName=IP:${SITE}) -out site.crt`;

/** The site's host, and the files that its administrators hand out. */
async function prepare(stack: Stack): Promise<void> {
    await onHost("lb1", "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y nginx");
    await onHost("lb1", CERTIFICATE);
    const users = `{ printf puller: && openssl passwd -apr1 -stdin; } >/etc/nginx/users`;
    await lab.exec("lb1", users, { input: PASSWORD });
    await lab.exec("lb1", "cat >/etc/nginx/nginx.conf && systemctl restart nginx", { input: NGINX });
    const folder = path.join(LAB_DIR, "private-mirrors");
    const caFile = path.join(folder, "ca.crt");
    mkdirSync(folder, { recursive: true });
    writeFileSync(caFile, await onHost("lb1", "cat /root/ca.crt"));
    const { sources } = stack.config;
    const withKey = (repository: Config) => ({ ...repository, keyFile: LAB_FILES.aptKey });
    stack.config.sources = {
        ...sources,
        kubernetes: withKey(sources.kubernetes),
        containerd: withKey(sources.containerd),
        registries: { [SITE]: { ...sources.registries[SITE], caFile, password: PASSWORD } },
    };
}

testTopology("private-mirrors", {
    hosts: ["lb1", ...nodes],
    nodes,
    prepare,
    failures: [powerCut("lb1", 3)],
    looks: (stack) => {
        it("packages came through the proxy, and only it knows where from", async () => {
            const log = await onHost("lb1", "cat /var/log/nginx/proxy.log");
            for (const host of ["10.88.0.11", "10.88.0.21"]) {
                expect(log).toMatch(
                    new RegExp(`^${host} - packages.site.example /kubernetes/\\S*kubelet\\S*\\.deb 200$`, "m"),
                );
            }
        });

        it("images came from the registry, with the login and by the site's CA", async () => {
            const log = await onHost("lb1", "cat /var/log/nginx/registry.log");
            for (const host of ["10.88.0.11", "10.88.0.21"]) {
                expect(log).toMatch(new RegExp(`^${host} puller ${SITE} /v2/pause/blobs/\\S+ 200$`, "m"));
            }
            const anonymous = `curl --silent --output /dev/null --write-out '%{http_code}' --cacert /root/ca.crt`;
            expect(await onHost("lb1", `${anonymous} https://${SITE}/v2/`)).toBe("401");
        });

        it("the password is root's alone on hosts, and readable in no state", async () => {
            const files = "/etc/containerd/certs.d/registry.k8s.io/hosts.toml /var/lib/pulumi-kubeadm/secrets-*.env";
            expect(await onHost("w1", `stat -c '%a %U' ${files}`)).toBe("600 root\n600 root");
            const login = Buffer.from(`puller:${PASSWORD}`).toString("base64");
            expect(await onHost("w1", `grep -l '${login}' ${files} | wc -l`)).toBe("2");
            expect(await onHost("w1", `grep -c '${login}' /var/lib/pulumi-kubeadm/desired.env || true`)).toBe("0");
            expect(gunzipSync(readFileSync(stack.stateFile())).toString()).not.toContain(login);
        });

        it("a login that is refused is told by the next pull, and mended by the next up", async () => {
            const { registries } = stack.config.sources;
            const pull = "crictl pull registry.k8s.io/pause:3.10.2";
            const wrong = { ...registries[SITE], password: "wrong" };
            stack.config.sources = { ...stack.config.sources, registries: { [SITE]: wrong } };
            expect((await stack.up()).code).toBe(0);
            await expect(onHost("w1", pull)).rejects.toThrow("authorization failed");
            stack.config.sources = { ...stack.config.sources, registries };
            expect((await stack.up()).code).toBe(0);
            await onHost("w1", pull);
        });
    },
});
