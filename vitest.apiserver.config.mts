import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["tests/apiserver/**/*.test.ts"],
        fileParallelism: false,
        testTimeout: 60_000,
        // The programs may have to be built first.
        hookTimeout: 1_800_000,
        reporters: ["verbose"],
    },
});
