import * as fs from "fs";
import * as os from "os";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { linkAll, officialPulumi, pluginEnvironment } from "../../tools/operatorBin";

let scratch: string;
beforeEach(() => {
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), "operator-"));
});
afterEach(() => fs.rmSync(scratch, { recursive: true }));

describe("the machine's own pulumi", () => {
    const install = (version: string, ...besides: string[]): void => {
        fs.writeFileSync(path.join(scratch, "pulumi"), `#!/bin/sh\necho v${version}\n`, { mode: 0o755 });
        besides.forEach((file) => fs.writeFileSync(path.join(scratch, file), "", { mode: 0o755 }));
    };
    const host = "pulumi-language-nodejs";

    it("is used when it is recent enough", async () => {
        install("3.220.0", host);
        expect(await officialPulumi(scratch)).toBe(fs.realpathSync(path.join(scratch, "pulumi")));
    });

    it("is not when it is too old", async () => {
        install("3.219.9", host);
        expect(await officialPulumi(scratch)).toBeUndefined();
    });

    it("is not when its language host is not beside it", async () => {
        install("3.260.0");
        expect(await officialPulumi(scratch)).toBeUndefined();
    });

    it("is not missed where there is none", async () => {
        expect(await officialPulumi(scratch)).toBeUndefined();
    });

    it("is linked, and its language host with it", () => {
        install("3.260.0", host);
        const folder = fs.mkdtempSync(path.join(scratch, "links-"));
        const links = Object.fromEntries(["pulumi", host].map((name) => [name, path.join(scratch, name)]));
        linkAll(folder, links);
        expect(fs.realpathSync(path.join(folder, "pulumi"))).toBe(fs.realpathSync(links.pulumi));
    });
});

it("our own pulumi gets a second name beside the language host, which comes from another build", () => {
    const links = Object.fromEntries(
        ["pulumi", "pulumi-language-nodejs"].map((name) => {
            const file = path.join(fs.mkdtempSync(path.join(scratch, "build-")), name);
            fs.writeFileSync(file, "", { mode: 0o755 });
            return [name, file];
        }),
    );
    const folder = fs.mkdtempSync(path.join(scratch, "links-"));
    linkAll(folder, links);
    expect(fs.realpathSync(path.join(folder, "pulumi"))).toBe(path.join(fs.realpathSync(folder), "pulumi"));
    expect(fs.statSync(path.join(folder, "pulumi")).ino).toBe(fs.statSync(links.pulumi).ino);
});

it("a Pulumi home gets the plugins of the newest folder, whatever it had", () => {
    const home = path.join(scratch, "home");
    fs.mkdirSync(path.join(home, "plugins/resource-old-v1.0.0"), { recursive: true });
    for (const name of ["one", "one", "two"]) {
        const folder = path.join(scratch, name);
        expect(pluginEnvironment(home, folder).PULUMI_HOME).toBe(home);
        expect(fs.readlinkSync(path.join(home, "plugins"))).toBe(path.join(folder, "home/plugins"));
    }
    expect(fs.readdirSync(home)).toEqual(["plugins"]);
});
