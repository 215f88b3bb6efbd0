using System.Diagnostics;

namespace Spillway.EndToEnd.Tests;

public sealed class CommandTests
{
    [Theory]
    [InlineData("--help", 0, "  spillway ")]
    [InlineData("--no-such-option", 2, "--no-such-option")]
    public async Task Command_HelpOrMistake_AnswersAndExits(string argument, int exitCode, string expected)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Spillway.Cli"), [argument])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var command = Process.Start(start)!;

        var output = command.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = command.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await command.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(exitCode, command.ExitCode);
        Assert.Contains(expected, await output + await errors, StringComparison.Ordinal);
    }
}
