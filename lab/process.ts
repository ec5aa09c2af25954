// For the files of mirror/ whose text is part of the keys of the lab's cache: they keep this import until a key changes anyway.
export { must } from "../tools/process";
