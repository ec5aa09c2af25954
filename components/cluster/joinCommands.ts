import * as pulumi from "@pulumi/pulumi";
import { shellQuote } from "../host/contract";
import { hostPort } from "../lib/addresses";
import { BASTION_PORT } from "../model/bastion";
import { ClusterSettings } from "../model/cluster";
import { isStacked } from "../model/etcd";
import { LoadBalancerPlacement } from "../model/loadBalancerType";
import { SshArgs } from "../model/ssh";
import { ignoredPreflightErrors } from "./kubeadm";

/** Shell lines for a person; each prints a `kubeadm join` line. */
export interface JoinCommands {
    worker?: string;
    controlPlane?: string;
}

/** The tokens and keys that the lines print are made when they run, end after two hours, and are in no state. */
export const joinCommands = (
    settings: pulumi.Output<ClusterSettings>,
    { user = "root", bastion }: SshArgs,
): pulumi.Output<JoinCommands> =>
    pulumi.all([settings, bastion?.address]).apply(([cluster, address]): JoinCommands => {
        // With a balancer on every node, a machine would call its own, which it gets from the program alone.
        if (cluster.loadBalancer.placement === LoadBalancerPlacement.NodeLocal) return {};
        const [first] = cluster.controlPlaneNodes;
        // sudo would ask on a terminal, and there is none.
        if (first.sudoAsks) return {};
        const via = bastion && `${bastion.user ?? user}@${hostPort(address!, bastion.port ?? BASTION_PORT)}`;
        const jump = via === undefined ? "" : `-J ${word(via)} `;
        const run = (script: string) =>
            `ssh ${jump}-p ${first.port} ${word(`${first.user}@${first.address}`)} ` +
            shellQuote(`${first.user === "root" ? "" : "sudo "}sh -c ${shellQuote(script)}`);
        const ignored = ignoredPreflightErrors(cluster).map((error) => ` --ignore-preflight-errors=${error}`);
        const print = (create: string) =>
            run(ignored.length > 0 ? `line=$(${create}) && echo "$line${ignored.join("")}"` : create);
        const worker = print(CREATE_TOKEN);
        // A member that the program does not know is removed from its etcd.
        return isStacked(cluster.etcd)
            ? { worker }
            : {
                  worker,
                  controlPlane: print(`${CREATE_TOKEN} --certificate-key "$(${UPLOAD_CERTIFICATES} | tail -n 1)"`),
              };
    });

/** Quoted where a shell would read more than a word. */
const word = (text: string): string => (/^[\w@.:[\]-]+$/.test(text) ? text : shellQuote(text));

const CREATE_TOKEN = "kubeadm token create --ttl 2h --print-join-command";

// The configuration that `prepare` writes says where etcd is (KUBEADM_CONFIG_FILE of scripts/lib/core/constants.sh).
const UPLOAD_CERTIFICATES =
    "kubeadm init phase upload-certs --upload-certs --config /var/lib/pulumi-kubeadm/kubeadm.yaml";
