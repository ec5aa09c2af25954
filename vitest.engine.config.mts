import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["tests/engine/**/*.test.ts"],
        // Each test starts `pulumi` several times, and each start keeps a core busy.
        maxWorkers: 2,
        testTimeout: 120_000,
        // sshd may have to be installed first.
        hookTimeout: 300_000,
        reporters: ["verbose"],
    },
});
