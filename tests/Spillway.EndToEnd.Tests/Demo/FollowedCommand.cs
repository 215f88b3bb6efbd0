using System.Diagnostics;

namespace Spillway.EndToEnd.Tests.Demo;

/// <summary>A line that a visitor types, in a shell; its output is followed until it says what is expected.</summary>
internal sealed class FollowedCommand : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    public FollowedCommand(string line)
    {
        // exec: the shell becomes the command, so that ending the process ends the command. The connection's state is on the standard error.
        var start = new ProcessStartInfo("bash", ["-c", $"exec 2>&1 {line}"]) { RedirectStandardOutput = true };
        start.Environment["NO_PROXY"] = "127.0.0.1";
        _process = Process.Start(start)!;
    }

    /// <summary>Reads until a line holds a text.</summary>
    public async Task ReadUntilAsync(string expected)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        List<string> lines = [];
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains(expected, StringComparison.Ordinal))
            {
                return;
            }

            lines.Add(line);
        }

        Assert.Fail($"\"{expected}\" did not come, but: {string.Join('\n', lines.TakeLast(20))}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
