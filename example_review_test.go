package cvat_test

import (
	"context"
	"fmt"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// exampleJob makes a task of one picture and returns its job.
func exampleJob(ctx context.Context, client *cvat.Client) int64 {
	task, _, err := client.Tasks.Create(ctx, models.TaskCreate{Name: "street", Labels: []models.LabelCreate{{Name: "car"}}})
	if err != nil {
		panic(err)
	}
	if err := client.Tasks.Upload(ctx, task.ID, cvat.Bytes("scene.png", examplePicture()), nil); err != nil {
		panic(err)
	}
	jobs, err := client.Tasks.Jobs(ctx, task.ID)
	if err != nil {
		panic(err)
	}
	return jobs[0].ID
}

func ExampleIssuesService_Create() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	job := exampleJob(ctx, client)
	issue, _, err := client.Issues.Create(ctx, models.IssueCreate{
		Job: job, Frame: 0, Position: []float64{10, 20}, Message: "The car in the back is missing.",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, _, err := client.Issues.Update(ctx, issue.ID, models.IssuePatch{Resolved: new(true)}); err != nil {
		fmt.Println(err)
		return
	}
	issues, err := client.Jobs.Issues(ctx, job)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, issue := range issues {
		fmt.Println("frame", issue.Frame, "resolved", issue.Resolved)
	}
	// Output: frame 0 resolved true
}

func ExampleCommentsService_Create() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	issue, _, err := client.Issues.Create(ctx, models.IssueCreate{
		Job: exampleJob(ctx, client), Frame: 0, Position: []float64{10, 20}, Message: "The car in the back is missing.",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, _, err := client.Comments.Create(ctx, models.CommentCreate{Issue: issue.ID, Message: "It is a lorry."}); err != nil {
		fmt.Println(err)
		return
	}
	comments, err := client.Issues.Comments(ctx, issue.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, comment := range comments {
		fmt.Printf("%s: %s\n", comment.Owner.Username, comment.Message)
	}
	// Output:
	// admin: The car in the back is missing.
	// admin: It is a lorry.
}
