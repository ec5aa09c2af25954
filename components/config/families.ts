/** The subnets of a cluster by family: one, or one of each with a comma between. */
export function byFamily(subnets: string): { v4?: string; v6?: string } {
    const list = subnets.split(",").map((subnet) => subnet.trim());
    return { v4: list.find((subnet) => !subnet.includes(":")), v6: list.find((subnet) => subnet.includes(":")) };
}
