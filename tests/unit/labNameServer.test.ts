import { describe, expect, it } from "vitest";
import { nameServers } from "../../lab/nameServer";

describe("nameServers", () => {
    it("finds every address that this machine's programs ask over a network", () => {
        const text = "# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.53\nnameserver\t2001:db8::53\n";
        expect(nameServers(text)).toEqual(["192.0.2.53", "2001:db8::53"]);
    });

    it("leaves out those that the lab's namespace has already, or that belong to an interface", () => {
        expect(nameServers("nameserver 127.0.0.53\nnameserver ::1\nnameserver fe80::1%eth0\n")).toEqual([]);
        expect(nameServers("")).toEqual([]);
    });
});
