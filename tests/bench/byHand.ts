import { flannelObjects } from "../../components/addons/flannel";
import { controlPlaneConfig, toYaml, workerConfig } from "../../components/cluster/kubeadm";
import { controlPlaneParameters, kubernetesParameters } from "../../components/cluster/desiredState";
import { preamble, ScriptParameters } from "../../components/host/contract";
import type { SettingsOfAll } from "../../components/model/cluster";
import * as lab from "../../lab/api";
import { capture } from "../../tools/process";
import { apiserversReadyAt } from "./clock";

/** What the runbooks say, on hosts that are prepared: `kubeadm init`, the joins one after the other, workers, CNI. */
export interface ByHand {
    /** Seconds until the last apiserver was ready. */
    apiservers: number;
    /** Seconds until every node was Ready. */
    total: number;
}

async function on(host: string, script: string): Promise<string> {
    const { code, stdout, stderr } = await lab.exec(host, script, { timeoutMs: 600_000 });
    if (code !== 0) throw new Error(`by hand, ${host}: ${stderr || stdout}`);
    return stdout.trim();
}

const STATE = "/var/lib/pulumi-kubeadm";

/** Packages, containerd, images and the balancer, by the script that `pulumi up` runs, without Pulumi. */
export async function prepareByHand(settings: SettingsOfAll): Promise<void> {
    const shared = { CLUSTER_ID: "by-hand" };
    const prepare = async (host: string, desired: ScriptParameters): Promise<void> => {
        const { stdout: scripts } = await capture(["bash", "-c", "tar -C components/scripts -cf - . | base64"]);
        await lab.exec(host, "mkdir -p /root/toolkit && base64 -d | tar -C /root/toolkit -xf -", { input: scripts });
        const { code, stderr } = await lab.exec(host, "bash /root/toolkit/run.sh prepare create", {
            input: preamble(desired),
        });
        if (code !== 0) throw new Error(`by hand, ${host}: ${stderr}`);
    };
    const leaders = settings.controlPlaneNodes.map((node) =>
        prepare(node.name, {
            ...kubernetesParameters(settings, node, controlPlaneConfig),
            ...controlPlaneParameters(settings, node),
            ...shared,
            ROLE: "control-plane",
        }),
    );
    const workers = settings.workerNodes.map((node) =>
        prepare(node.name, {
            ...kubernetesParameters(settings, node, workerConfig),
            ...shared,
            ROLE: "worker",
        }),
    );
    await Promise.all([...leaders, ...workers]);
}

export async function clusterByHand(settings: SettingsOfAll, leaders: string[], workers: string[]): Promise<ByHand> {
    const [first, ...others] = leaders;
    const addressOf = (name: string): string => settings.controlPlaneNodes.find((node) => node.name === name)!.address;
    const started = Date.now();
    // The same configuration, so the same work; what `init` would refuse on such hosts is skipped as it says.
    const init = await on(
        first,
        `kubeadm init --config ${STATE}/kubeadm.yaml --upload-certs --ignore-preflight-errors SystemVerification`,
    );
    const key = /--certificate-key (\w+)/.exec(init)![1];
    const join = /kubeadm join [^\\\n]+\\?\n?[^\n]*sha256:\w+/.exec(init)![0].replace(/\\\n\s*/, "");
    for (const host of others) {
        const flags = `--control-plane --certificate-key ${key} --apiserver-advertise-address ${addressOf(host)} --node-name ${host}`;
        await on(host, `${join} ${flags} --ignore-preflight-errors SystemVerification`);
    }
    const ready = await apiserversReadyAt(leaders.map(addressOf));
    await Promise.all(
        workers.map((host) => on(host, `${join} --node-name ${host} --ignore-preflight-errors SystemVerification`)),
    );
    const manifest = toYaml(...Object.values(flannelObjects(settings)));
    await lab.exec(first, "kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f -", { input: manifest });
    await on(
        first,
        "kubectl --kubeconfig /etc/kubernetes/admin.conf wait --for condition=Ready node --all --timeout 300s",
    );
    return { apiservers: (ready - started) / 1000, total: (Date.now() - started) / 1000 };
}
