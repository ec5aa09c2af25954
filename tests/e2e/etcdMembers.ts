import { expect } from "vitest";
import * as lab from "../../lab/api";
import { eventually, onHost } from "./stack";
import { Failure } from "./topology";

/** Where a member's certificates are: kubeadm's, or one that is not kubeadm's. */
export const STACKED = "/etc/kubernetes/pki/etcd";
const OWN = "/etc/etcd/pki";

const curlIn = (folder: string): string =>
    `cd ${folder} && curl -sf --max-time 5 --cacert ca.crt --cert healthcheck-client.crt --key healthcheck-client.key`;

/** A client on the host of a member that is not kubeadm's. */
export const CURL = curlIn(OWN);

/** "name learner?" of each member, as a quorum that this host's member is part of knows them. */
export async function membersSeenBy(host: string, folder = OWN): Promise<string[]> {
    const answer = await onHost(
        host,
        `${curlIn(folder)} -d '{"linearizable":true}' https://localhost:2379/v3/cluster/member/list`,
    );
    const { members } = JSON.parse(answer) as { members: { name: string; isLearner?: boolean }[] };
    return members.map(({ name, isLearner }) => `${name} ${isLearner ? "learner" : "voter"}`).sort();
}

export const voters = (...names: string[]): string[] => names.map((name) => `${name} voter`);

/** A member's machine loses its power, and is back when its member is. */
export const memberPowerCut = (host: string, members: string[], atMostSeconds: number): Failure => ({
    what: `${host} loses its power`,
    inject: () => lab.kill(host),
    async heal() {
        await lab.startHost(host);
        await eventually(60, `the member on ${host} is back`, async () =>
            expect(await membersSeenBy(host)).toEqual(voters(...members)),
        );
    },
    atMostSeconds,
});
