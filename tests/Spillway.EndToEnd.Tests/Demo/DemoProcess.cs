using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace Spillway.EndToEnd.Tests.Demo;

/// <summary><c>spillway demo</c> as a process of its own, in a directory of its own.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // A start on a busy machine.

    private readonly DirectoryInfo _directory;
    private readonly ConcurrentQueue<string> _errors = new();
    private Process? _process;
    private Channel<string> _output = Channel.CreateBounded<string>(1_000);

    public DemoProcess() => _directory = Directory.CreateTempSubdirectory("spillway-demo-");

    public static string Command { get; } = Path.Combine(AppContext.BaseDirectory, "Spillway.Cli");

    /// <summary>Where it listens; known once it has started.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Starts it, on the address that it had before, and returns the lines that it prints for a visitor.</summary>
    public async Task<string[]> StartAsync(params string[] arguments)
    {
        _output = Channel.CreateBounded<string>(1_000);
        _process = Process.Start(new ProcessStartInfo(Command, ["demo", "--urls", Address.GetLeftPart(UriPartial.Authority), .. arguments])
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["SPILLWAY_COMMAND"] = Command },
        })!;
        var output = _output.Writer;
        _process.OutputDataReceived += (_, line) => _ = line.Data is null ? output.TryComplete() : output.TryWrite(line.Data);
        _process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        var listening = await ReadUntilAsync("listening on ");
        Address = new Uri(listening[^1]["listening on ".Length..]);
        return await ReadUntilAsync($"  {Command} status");
    }

    /// <summary>Ends it as a power cut would: no farewell, nothing is written any more.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Asks it to end, and returns its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process!.Id}"]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process?.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task<string[]> ReadUntilAsync(string beginning)
    {
        List<string> lines = [];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await foreach (var line in _output.Reader.ReadAllAsync(limit.Token))
            {
                lines.Add(line);
                if (line.StartsWith(beginning, StringComparison.Ordinal))
                {
                    return [.. lines];
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below, with what it did say.
        }

        Assert.Fail($"The demo did not print \"{beginning}\", but: {string.Join('\n', lines)}\n{string.Join('\n', _errors)}");
        return [];
    }
}
