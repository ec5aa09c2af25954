import * as lab from "../../../lab/api";
import { eventually, onHost } from "../stack";
import { Failure, powerCut, powerOn } from "../topology";

/** The virtual address of the examples, and who may hold it. */
const VIRTUAL = "10.88.0.100";

/** The host that holds the virtual address now. */
export async function holder(hosts: string[], virtual = VIRTUAL): Promise<string> {
    return eventually(30, "a holder of the virtual address", async () => {
        for (const host of hosts) {
            const { stdout } = await lab.exec(host, "ip -o address show");
            if (stdout.includes(` ${virtual}/`)) return host;
        }
        throw new Error(`none of ${hosts.join(", ")} has ${virtual}`);
    });
}

/** The host that holds the virtual address loses its power. */
export function holderLost(hosts: string[], atMostSeconds: number, virtual = VIRTUAL): Failure {
    let lost: string;
    return {
        what: "the holder of the virtual address loses its power",
        inject: async () => {
            lost = await holder(hosts, virtual);
            await lab.kill(lost);
        },
        heal: () => powerOn(lost),
        atMostSeconds,
    };
}

const MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml";

/** kube-apiserver alone dies on `find`'s host, and stays away; all else on it runs on. */
export function apiserverLost(find: () => Promise<string>, atMostSeconds: number): Failure {
    let host: string;
    return {
        what: "an apiserver dies alone",
        inject: async () => {
            host = await find();
            // Without its manifest nobody starts it again; killed, it says goodbye to nobody.
            await onHost(host, `mv ${MANIFEST} /root/ && pkill -KILL -x kube-apiserver`);
        },
        heal: async () => {
            await onHost(host, `mv /root/kube-apiserver.yaml ${MANIFEST}`);
            await eventually(120, `${host}'s apiserver is back`, () =>
                onHost(host, "curl --silent --fail --insecure https://127.0.0.1:6443/readyz"),
            );
        },
        atMostSeconds,
    };
}

export { powerCut };
