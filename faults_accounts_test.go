package cvat_test

import (
	"context"
	"testing"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// errorOf drops everything but the error.
func errorOf[T any](_ T, _ *cvat.Response, err error) error { return err }

func faultyAccounts() map[string]faulty {
	logged := func(_ *testing.T, f *faultFixture) int { return f.srv.Logged() }
	return map[string]faulty{
		"Server.Plugins": {op: cvat.OpServerRetrievePlugins, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Server.Plugins(ctx))
		})},
		"Server.Share": {op: cvat.OpServerListShare, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Server.Share(ctx, ""))
		})},
		"Server.SendLogs": {op: cvat.OpServerCreateLogs, delta: 1, count: logged, older: true, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Server.SendLogs(ctx, []models.LogEvent{logEvent()}))
		})},
		"Server.SendException": {op: cvat.OpServerCreateException, delta: 1, count: logged, older: true, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Server.SendException(ctx, exception()))
		})},
	}
}

func logEvent() models.LogEvent {
	return models.LogEvent{
		ClientID: 7, Name: "Load job", Time: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Payload: map[string]any{"duration": 12.0}, IsActive: true,
	}
}

func exception() models.Exception {
	return models.Exception{
		System: "Linux", Client: "go", ClientID: 7, Time: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), JobID: 1, TaskID: 41,
		Message: "boom", Filename: "http://client.example.com/a.go", Line: 1, Column: 2, Stack: "trace",
	}
}
