import tseslint from "typescript-eslint";

const maxLines = (max) => ["error", { max, skipBlankLines: false, skipComments: false }];

export default tseslint.config(
    { ignores: ["bin/", "node_modules/", "**/node_modules/", "components/stack/checkShape.js"] },
    ...tseslint.configs.recommendedTypeChecked,
    {
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            "@typescript-eslint/no-non-null-assertion": "off",
            "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
            curly: ["error", "multi-line"],
            "max-lines": maxLines(200),
        },
    },
    {
        // The comments of the arguments are the documentation of every option (docs/options.md).
        files: ["components/model/**", "components/stack/**"],
        rules: { "max-lines": ["error", { max: 200, skipComments: true }] },
    },
    {
        files: ["tests/**"],
        rules: {
            // A dozen test files have more than 200 lines; no one may get longer than the longest.
            "max-lines": maxLines(300),
            // Tests look into JSON and YAML, and what they expect there is its only type.
            "@typescript-eslint/no-unsafe-argument": "off",
            "@typescript-eslint/no-unsafe-assignment": "off",
            "@typescript-eslint/no-unsafe-call": "off",
            "@typescript-eslint/no-unsafe-member-access": "off",
            "@typescript-eslint/no-unsafe-return": "off",
            // A stand-in for what takes time takes none.
            "@typescript-eslint/require-await": "off",
        },
    },
    // It is no part of the TypeScript project.
    { files: ["**/*.mjs"], ...tseslint.configs.disableTypeChecked },
);
