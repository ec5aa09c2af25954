import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains, overlap, parseSubnet } from "../../components/lib/addresses";

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
