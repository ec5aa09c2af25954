import { expect, it } from "vitest";
import { inUrl } from "../looks";
import { eventually, kubectl, onHost, Stack } from "../stack";
import { fetched, reaches, serverAddresses } from "./policies";

const NAME = "server-families.default.svc.cluster.local";

const SERVICE = `
apiVersion: v1
kind: Service
metadata: { name: server-families }
spec:
    ipFamilyPolicy: PreferDualStack
    selector: { app: server }
    ports: [{ port: 80, targetPort: 8080 }]
`;

/** What tells the families of addresses: of each a pattern of the nodes', the pods' and the services'. */
export interface Families {
    nodes: RegExp[];
    pods: RegExp[];
    services: RegExp[];
    /** curl's flag for a family. */
    flags: string[];
}

/** Of examples/dual-stack, as w1 has them. */
export const BOTH_FAMILIES: Families = {
    nodes: [/^10\.88\.0\.21$/, /^fd00:88::21$/],
    pods: [/^10\.244\./, /^fd00:10:244:/],
    services: [/^10\.96\./, /^fd00:10:96::/],
    flags: ["-4", "-6"],
};

/** Nodes, pods and Services have addresses of these families and no others, and every one of them answers. */
export function testFamilies(stack: Stack, { nodes, pods, services, flags }: Families): void {
    const all = (patterns: RegExp[]) => patterns.map((pattern) => expect.stringMatching(pattern) as string);

    it("nodes and pods have an address of each family", async () => {
        const internal = '{.status.addresses[?(@.type=="InternalIP")].address}';
        const addresses = await kubectl("get", "node", "w1", "-o", `jsonpath=${internal}`);
        expect(addresses.split(" ")).toEqual(all(nodes));
        expect(await serverAddresses()).toEqual(all(pods));
    });

    it("a pod reaches one on another node at each of its addresses", async () => {
        for (const address of await serverAddresses()) {
            await eventually(30, address, async () => expect(await reaches(address)).toBe("hello from w2"));
        }
    });

    it("a Service answers at each of its addresses, and by each kind of name", async () => {
        await stack.apply(SERVICE);
        const text = await kubectl("get", "service", "server-families", "-o", "jsonpath={.spec.clusterIPs[*]}");
        const addresses = text.split(" ");
        expect(addresses).toEqual(all(services));
        const urls = addresses.map((address) => `http://${inUrl(address)}/`);
        for (const url of urls) await eventually(60, url, async () => expect(await fetched(url)).toBe("hello from w2"));
        // Of the family alone: without an A or AAAA record of its own there would be no answer.
        for (const flag of flags) {
            expect(
                await kubectl("exec", "client-w1", "--", "curl", flag, "-sf", "--max-time", "5", `http://${NAME}/`),
            ).toBe("hello from w2");
        }
    });
}

/** kube-apiserver's certificate is right for an address: a client that checks it is answered. */
export function testApiserverAt(addresses: string[]): void {
    it(`kube-apiserver answers at ${addresses.join(", ")} with a certificate for it`, async () => {
        const ca = "/etc/kubernetes/pki/ca.crt";
        for (const address of addresses) {
            expect(await onHost("w1", `curl -sgf --max-time 5 --cacert ${ca} https://${address}:6443/readyz`)).toBe(
                "ok",
            );
        }
    });
}
