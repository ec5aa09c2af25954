import * as pulumi from "@pulumi/pulumi";
import { Fault, fault, hiddenFault, listFaults } from "../lib/faults";
import { isPath } from "../lib/forms";

/** A file on a host. */
export interface HostFileArgs {
    /**
     * The absolute path. Missing folders are made. Paths that the program or Kubernetes writes are refused.
     * @change Another path is another file: the former one is removed.
     */
    path: string;
    /**
     * The text, at most 1 MiB; in a stack's configuration `contentFile` names its file instead.
     * @change As for `files[]`.
     */
    content?: pulumi.Input<string>;
    /**
     * The file of the text, on this machine; only in a stack's configuration, because a program reads its files itself.
     * @kind path
     * @change As for `files[]`.
     */
    contentFile?: string;
    /**
     * The permissions, octal.
     * @otherwise `0644`; with `secret` `0600`
     * @change As for `files[]`.
     */
    mode?: string;
    /**
     * `user` (with the user's own group) or `user:group`, names or numbers, which the host or one of `packages` must have.
     * @default "root:root"
     * @change As for `files[]`.
     */
    owner?: string;
    /**
     * The content is a secret: the state encrypts it, and no preview shows it. Set it also where the content comes from
     * `pulumi config set --secret`, which encrypts the stack's file alone.
     * @default false
     * @change Nothing restarts where `mode` is set; else the mode changes, as for `files[]`.
     */
    secret?: boolean;
    /**
     * The components and services that read the file only when they start: `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`, `kubelet`, `containerd`,
     * or a systemd unit of the host (`chrony.service`). Each that runs on the host restarts when the file changes.
     * @otherwise nothing restarts
     * @change Nothing restarts.
     */
    restarts?: string[];
}

/** A file with every default filled in, but for its content. */
export interface HostFileSettings {
    path: string;
    mode: string;
    /** `user:group`, or `user:` for the user's own group. */
    owner: string;
    secret: boolean;
    restarts: string[];
}

export function resolveFile({
    path,
    mode,
    owner = "root",
    secret = false,
    restarts = [],
}: HostFileArgs): HostFileSettings {
    // chown(1) takes `user:` for the user's own group, which may have another name.
    const [user, group = user === "root" ? "root" : ""] = owner.split(":");
    return { path, mode: mode ?? (secret ? "0600" : "0644"), owner: `${user}:${group}`, secret, restarts };
}

/** The components of Kubernetes that a file may restart. */
const COMPONENTS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "containerd"];
const UNIT = /^[\w@.:-]+\.service$/;
/** Services that have a life of their own in the program. */
const OWN_UNITS = /^(kubelet|containerd|etcd|haproxy|nginx|keepalived|pulumi-kubeadm.*)\.service$/;

/** Paths that the program, kubeadm, a kubelet or a CNI plug-in writes, and those that are empty after a restart of the host. */
const TAKEN = [
    /^\/(dev|proc|run|sys|tmp)\//,
    /^\/var\/(run|tmp|lib\/(kubelet|etcd|containerd|cni|calico|pulumi-kubeadm))(\/|$)/,
    /^\/opt\/(cni|containerd|etcd|pulumi-kubeadm)(\/|$)/,
    /^\/etc\/kubernetes\/((pki|manifests|load-balancer|tmp)(\/|$)|[^/]+\.conf$)/,
    /^\/etc\/(etcd|haproxy|keepalived|nginx|cni)(\/|$)/,
    /^\/etc\/containerd\/(config\.toml$|certs\.d(\/|$))/,
    // Folders of which the program writes a part.
    /^\/etc\/(kubernetes|containerd|apt|systemd|systemd\/system|ssh|sysctl\.d|modules-load\.d)$/,
    /^\/(var\/lib|usr(\/local)?|[^/]+)$/,
    /^\/etc\/(hosts|fstab|passwd|shadow|group|gshadow|crictl\.yaml|machine-id|sudoers)$/,
    /^\/etc\/(sudoers\.d|ssh)\//,
    /\/\.ssh\//,
    /^\/etc\/(apt|yum\.repos\.d|pki\/rpm-gpg)\/(.*\/)?(kubernetes|containerd)\.[a-z]+$/,
    /^\/etc\/(default|sysconfig)\/(kubelet|ufw)$/,
    /^\/etc\/selinux\/config$/,
    /^(\/usr)?\/s?bin(\/|$)/,
    // sources.binaries links programs here. With packages a file of their names would run in place of them.
    /^\/usr\/local\/s?bin(\/\.?(kube(adm|let|ctl)|containerd[^/]*|ctr|runc|crictl)(\.new)?(\/.*)?)?$/,
    /^(\/usr)?\/lib\/systemd\//,
    /pulumi-kubeadm/,
    /^\/etc\/systemd\/system\/(kubelet|containerd|etcd|haproxy|nginx|keepalived)\.service(\.d\/|$)/,
];

const LIMIT = 1 << 20;

export function fileFaults(
    at: string,
    { path, content, contentFile, mode, owner, restarts = [] }: HostFileArgs,
): Fault[] {
    const own =
        "another path: the program, Kubernetes or the system itself writes this one, or it does not outlive a restart";
    const faults: Fault[] = [];
    if (!isPath(path ?? "")) faults.push(fault(`${at}.path`, path, "an absolute path, without blanks and '..'"));
    else if (TAKEN.some((form) => form.test(path))) faults.push(fault(`${at}.path`, path, own));
    faults.push(...contentFaults(at, content, contentFile));
    if (mode !== undefined && !/^0?[0-7]{3,4}$/.test(mode)) {
        faults.push(fault(`${at}.mode`, mode, 'permissions in octal digits, in quotes: "0640"'));
    }
    if (owner !== undefined && !/^\w[\w.-]*\$?(:\w[\w.-]*\$?)?$/.test(owner)) {
        faults.push(fault(`${at}.owner`, owner, "user or user:group"));
    }
    restarts.forEach((name, i) => {
        const isUnit = UNIT.test(name) && !OWN_UNITS.test(name);
        if (COMPONENTS.includes(name) || isUnit) return;
        faults.push(
            fault(`${at}.restarts[${i}]`, name, `${COMPONENTS.join(", ")}, or a unit of the host, <name>.service`),
        );
    });
    return faults;
}

/** A content that comes later is not judged. */
function contentFaults(at: string, content: HostFileArgs["content"], contentFile: string | undefined): Fault[] {
    if (contentFile !== undefined) {
        return [fault(`${at}.contentFile`, contentFile, "content: a program reads its files itself")];
    }
    if (content === undefined) return [hiddenFault(`${at}.content`, "nothing", "the file's text, or contentFile")];
    if (typeof content !== "string") return [];
    if (content.includes("\0")) return [hiddenFault(`${at}.content`, "binary data", "a text")];
    const size = Buffer.byteLength(content);
    return size > LIMIT ? [hiddenFault(`${at}.content`, `${size} bytes`, "at most 1 MiB")] : [];
}

/** A content that came later, before anything is sent to the host. */
export function checkedContent(path: string, content: string | undefined): string {
    const [wrong] = contentFaults(path, content, undefined);
    if (wrong !== undefined) {
        throw new pulumi.RunError(listFaults("the files of hosts", [wrong], "no host was changed"));
    }
    return content!;
}
