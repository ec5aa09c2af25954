import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["tests/{unit,components,scripts}/**/*.test.ts"],
        testTimeout: 60_000,
        hookTimeout: 60_000,
        reporters: ["default"],
    },
});
