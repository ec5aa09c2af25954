import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["tests/e2e/**/*.test.ts"],
        // One lab, one story: the files share the hosts, and each test begins where the one before it ended.
        fileParallelism: false,
        sequence: { shuffle: false },
        bail: 0,
        testTimeout: 600_000,
        hookTimeout: 1_800_000,
        reporters: ["verbose"],
    },
});
