import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains, isCanonical, nthAddress, overlap, parseSubnet } from "../../components/lib/addresses";

const subnet = (text: string) => {
    const parsed = parseSubnet(text);
    if (!parsed) throw new Error(`${text} did not parse`);
    return parsed;
};

describe("parseSubnet", () => {
    it.each(["10.244.0.0/16", "0.0.0.0/0", "192.0.2.4/30", "fd00:10:244::/56", "::/0", "2001:db8::1/128"])(
        "takes %s",
        (text) => {
            expect(parseSubnet(text)).toBeDefined();
        },
    );

    it.each([
        "10.244.0.0",
        "10.244.0.0/33",
        "10.244.0.1/16",
        "10.244/16",
        "010.0.0.0/8",
        "0x0a.0.0.0/8",
        "167772160/8",
        "fe80::%eth0/64",
        "fd00::1/64",
        "10.244.0.0/16/8",
        "10.244.0.0/x",
        "",
        "/16",
    ])("refuses %j", (text) => expect(parseSubnet(text)).toBeUndefined());
});

describe("overlap", () => {
    it.each([
        ["10.0.0.0/8", "10.244.0.0/16", true],
        ["10.244.0.0/16", "10.96.0.0/12", false],
        ["fd00::/48", "fd00:0:0:1::/64", true],
        ["10.0.0.0/8", "fd00::/8", false],
    ])("%s and %s: %s", (a, b, expected) => expect(overlap(subnet(a), subnet(b))).toBe(expected));

    it("is the same both ways, and every network overlaps itself", () => {
        const networks = fc.tuple(fc.nat(255), fc.integer({ min: 8, max: 16 })).map(([second, prefix]) => {
            const kept = prefix === 8 ? 0 : second & (0xff << (16 - prefix));
            return subnet(`10.${kept}.0.0/${prefix}`);
        });
        fc.assert(
            fc.property(networks, networks, (a, b) => {
                expect(overlap(a, b)).toBe(overlap(b, a));
                expect(overlap(a, a)).toBe(true);
                expect(contains(a, a.address)).toBe(true);
            }),
        );
    });
});

describe("contains", () => {
    it.each([
        ["10.0.0.0/8", "10.255.255.255", true],
        ["10.0.0.0/8", "11.0.0.0", false],
        ["10.0.0.0/8", "010.0.0.1", false],
        ["10.0.0.0/8", "10.1", false],
        ["fd00::/48", "fd00:0:0:ffff::1", true],
        ["fd00::/48", "fd00:0:1::", false],
        ["::/0", "10.0.0.1", false],
        ["fe80::/10", "fe80::1%eth0", false],
    ])("%s has %s: %s", (network, address, expected) => expect(contains(subnet(network), address)).toBe(expected));
});

describe("isCanonical", () => {
    it.each(["10.0.0.1", "fd00::11", "::", "2001:db8::1:0:0:1", "cp1.example.com", ""])("takes %j", (text) =>
        expect(isCanonical(text)).toBe(true),
    );

    it.each(["FD00::11", "fd00:0::11", "fd00::0011", "2001:db8:0:0:1::1", "fe80::1%eth0", "::ffff:10.0.0.1"])(
        "refuses %j",
        (text) => expect(isCanonical(text)).toBe(false),
    );
});

describe("nthAddress", () => {
    it.each([
        ["10.96.0.0/12", 10, "10.96.0.10"],
        ["fd00:96::/112", 10, "fd00:96::a"],
        ["10.0.0.248/29", 10, "10.0.1.2"],
        ["10.1/16", 10, "10.1"],
        ["", 10, ""],
    ])("of %j, %i: %j", (network, n, expected) => expect(nthAddress(network, n)).toBe(expected));

    it("counts as integers do", () => {
        const toNumber = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
        fc.assert(
            fc.property(fc.nat(0xffff), fc.nat(0xffff), (start, n) => {
                const network = `10.0.${start >> 8}.${start & 255}/32`;
                expect(toNumber(nthAddress(network, n))).toBe(toNumber("10.0.0.0") + start + n);
            }),
        );
    });
});
