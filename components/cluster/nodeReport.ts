import * as pulumi from "@pulumi/pulumi";
import { whenSettled } from "../host/dependencies";
import { untracked } from "../lib/outputs";
import { Step, outputOf } from "../host/phase";

/** The output of a `node` step (scripts/phases/node.sh). */
export interface NodeReport {
    /** The id of the Node; empty where the step failed, `none` where the Node was not registered yet. */
    id: string;
    /** When the first certificate ends, those of the CAs included, RFC 3339. A worker has only a CA here: its kubelet renews its own. */
    certificatesExpire: string;
    /** When the step ended; another one after each run. */
    ended: string;
}

export const reportOf = (node: Step): pulumi.Output<NodeReport> =>
    whenSettled(node, { ok: untracked(outputOf(node)), failed: "" }).apply((text) => {
        const [id = "", certificatesExpire = "", ended = ""] = (text ?? "").split("\n");
        return { id, certificatesExpire, ended };
    });

/** Tells one run of the step, and one Node, from another. */
export const runOf = ({ id, ended }: NodeReport): string => `${id} ${ended}`;
