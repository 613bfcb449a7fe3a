module podrole.dev/e2e/asker

go 1.26.0
