import { expect, it } from "vitest";
import { OUTPUT_MARK, afterMark, markedCommand } from "../../components/host/entry";

it("the output of a phase is what stands after its mark, whatever a login shell has printed before", () => {
    const mark = `${OUTPUT_MARK}\n`;
    expect(afterMark(`*** {welcome} ***\n${mark}{"a":1}\n`)).toBe('{"a":1}\n');
    expect(afterMark(`${mark}new 1`)).toBe("new 1");
    expect(afterMark("no mark")).toBe("no mark");
    expect(markedCommand("ops", "node", "create")).toBe(
        "echo 'output of pulumi-kubeadm:'; bash .pulumi-kubeadm/sudo.sh node create",
    );
});
