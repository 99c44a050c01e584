// The jobs of `make bench-live` by the Engine's own client for Go, as Debian packs it.
//
//	go-client JOB SOCKET AMOUNT ID IMAGE CONTEXT
//
// It prints seconds and what was counted, as JSON.
package main

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"
)

const askedBefore = 20

var (
	background = context.Background()
	engine     *client.Client
	id         string
	image      string
	directory  string
	echo       = []string{"echo", "hi"}
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func inspect() int {
	found, err := engine.ContainerInspect(background, id)
	must(err)
	return len(found.ID) + len(found.State.Status)
}

func listContainers() int {
	rows, err := engine.ContainerList(background, types.ContainerListOptions{})
	must(err)
	count := 0
	for _, found := range rows {
		count += len(found.ID) + len(found.State)
	}
	return count
}

// What was said on stdout, of a stream of frames.
func output(stream io.Reader) int {
	var stdout, stderr bytes.Buffer
	_, err := stdcopy.StdCopy(&stdout, &stderr, stream)
	must(err)
	return stdout.Len()
}

func logs() int {
	options := types.ContainerLogsOptions{ShowStdout: true, ShowStderr: true}
	stream, err := engine.ContainerLogs(background, id, options)
	must(err)
	defer stream.Close()
	return output(stream)
}

func execRun() int {
	config := types.ExecConfig{Cmd: echo, AttachStdout: true, AttachStderr: true}
	created, err := engine.ContainerExecCreate(background, id, config)
	must(err)
	attached, err := engine.ContainerExecAttach(background, created.ID, types.ExecStartCheck{})
	must(err)
	defer attached.Close()
	count := output(attached.Reader)
	ended, err := engine.ContainerExecInspect(background, created.ID)
	must(err)
	return count + ended.ExitCode
}

func run() int {
	config := container.Config{Image: image, Cmd: echo, AttachStdout: true, AttachStderr: true}
	created, err := engine.ContainerCreate(background, &config, nil, nil, nil, "")
	must(err)
	attached, err := engine.ContainerAttach(
		background,
		created.ID,
		types.ContainerAttachOptions{Stream: true, Stdout: true, Stderr: true},
	)
	must(err)
	defer attached.Close()
	waited, failed := engine.ContainerWait(
		background,
		created.ID,
		container.WaitConditionNextExit,
	)
	must(engine.ContainerStart(background, created.ID, types.ContainerStartOptions{}))
	count := output(attached.Reader)
	select {
	case err := <-failed:
		must(err)
	case ended := <-waited:
		count += int(ended.StatusCode)
	}
	must(engine.ContainerRemove(background, created.ID, types.ContainerRemoveOptions{}))
	return count
}

func build() int {
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	files, err := os.ReadDir(directory)
	must(err)
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(directory, file.Name()))
		must(err)
		header := tar.Header{Name: file.Name(), Mode: 0o644, Size: int64(len(data))}
		must(archive.WriteHeader(&header))
		_, err = archive.Write(data)
		must(err)
	}
	must(archive.Close())
	answer, err := engine.ImageBuild(background, &packed, types.ImageBuildOptions{})
	must(err)
	defer answer.Body.Close()
	count, messages := 0, json.NewDecoder(answer.Body)
	for {
		var message struct{ Aux types.BuildResult }
		err := messages.Decode(&message)
		if err == io.EOF {
			return count
		}
		must(err)
		count += len(message.Aux.ID)
	}
}

func main() {
	jobs := map[string]func() int{
		"inspect":         inspect,
		"list_containers": listContainers,
		"logs":            logs,
		"exec_run":        execRun,
		"run":             run,
		"build":           build,
	}
	job := jobs[os.Args[1]]
	amount, err := strconv.Atoi(os.Args[3])
	must(err)
	id, image, directory = os.Args[4], os.Args[5], os.Args[6]
	engine, err = client.NewClientWithOpts(
		client.WithHost("unix://"+os.Args[2]),
		client.WithAPIVersionNegotiation(),
	)
	must(err)
	for n := 0; n < askedBefore; n++ {
		inspect()
	}
	job()
	count, started := 0, time.Now()
	for n := 0; n < amount; n++ {
		count += job()
	}
	fmt.Printf("{\"seconds\": %f, \"counted\": %d}\n", time.Since(started).Seconds(), count)
}
