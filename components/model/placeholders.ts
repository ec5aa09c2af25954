/** Makes a legal value for a path, a different one for each: it stands for a value that is not known yet, where rules judge the others. */
export class Placeholders {
    private readonly values = new Map<string, string>();

    /**
     * `families`: of the cluster's networks, 4 and 6, in their order. `first`: the number of the first value; two sets that begin at
     * other numbers have no value in common.
     */
    constructor(
        private readonly families: number[],
        private readonly first: number,
    ) {}

    public of(path: string): string {
        const value = this.values.get(path) ?? this.make(path.split(".").pop()!, this.first + this.values.size);
        this.values.set(path, value);
        return value;
    }

    private make(field: string, n: number): string {
        const [first = 4, second = first] = this.families;
        if (field === "hostKey") return publicKey(n);
        if (["controlPlaneEndpoint", "clientEndpoint"].includes(field)) return `not-known-yet-${n}.invalid`;
        return address(field === "secondaryAddress" ? second : first, n);
    }
}

/** From networks for benchmarks (RFC 2544) and for documentation (RFC 3849), which few hosts are in. */
const address = (family: number, n: number): string =>
    family === 6 ? `2001:db8:ffff::${n.toString(16)}` : `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;

/** An ed25519 key of nobody. */
function publicKey(n: number): string {
    const key = Buffer.alloc(32);
    key.writeUInt32BE(n, 28);
    const type = Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIA==", "base64");
    return `ssh-ed25519 ${Buffer.concat([type, key]).toString("base64")}`;
}
