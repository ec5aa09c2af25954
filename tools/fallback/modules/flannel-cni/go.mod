module github.com/pulumi-kubeadm/tools/flannel-cni

go 1.26.0
