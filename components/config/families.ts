/** The subnets of a cluster by family: one, or one of each with a comma between. */
export function byFamily(subnets: string): { v4?: string; v6?: string } {
    const list = subnets.split(",").map((subnet) => subnet.trim());
    return { v4: list.find((subnet) => !subnet.includes(":")), v6: list.find((subnet) => subnet.includes(":")) };
}

/** The nth address of the services' first network, as kubeadm counts them: the 10th is CoreDNS's. */
export function serviceAddress(subnets: string, n: number): string {
    const network = subnets.split(",")[0].trim().split("/")[0];
    const [separator, radix] = network.includes(":") ? [":", 16] : [".", 10];
    const parts = network.split(separator);
    const last = parts.pop() || "0";
    return [...parts, (parseInt(last, radix) + n).toString(radix)].join(separator);
}
