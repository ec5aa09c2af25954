import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["bin/", "node_modules/", "**/node_modules/"] },
    ...tseslint.configs.recommended,
    {
        rules: {
            "@typescript-eslint/no-non-null-assertion": "off",
            curly: ["error", "multi-line"],
            "max-lines": ["error", { max: 500 }],
        },
    },
);
