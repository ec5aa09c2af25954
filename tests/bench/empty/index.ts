import * as pulumi from "@pulumi/pulumi";

// A program that uses the SDK and makes nothing; without a use, the import would not even be loaded.
export const stack = pulumi.getStack();
