using System.Diagnostics;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>The command as a process of its own. What a test leaves running is killed.</summary>
internal sealed class CommandProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time: only a test that fails waits so long.

    private readonly Process _process;

    private CommandProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Write(Out, line.Data);
        _process.ErrorDataReceived += (_, line) => Write(Error, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where the command is.</summary>
    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "Spillway.Cli");

    public int Id => _process.Id;

    public LineWriter Out { get; } = new();

    public LineWriter Error { get; } = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static CommandProcess Start(params string[] arguments) => Start(Executable, arguments);

    /// <summary>Starts another program that runs the command, for example a shell.</summary>
    public static CommandProcess Start(string program, string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        return new CommandProcess(process);
    }

    /// <summary>Starts a hub, waits until it listens, and returns it with its address.</summary>
    public static async Task<(CommandProcess Process, string Url)> ServeAsync(params string[] arguments)
    {
        var hub = Start(["serve", "--log-level", "warning", .. arguments]);
        return (hub, await hub.ListensAsync());
    }

    /// <summary>Runs a command to its end, with nothing but the given text at its input.</summary>
    public static async Task<(int Code, string Out, string Error)> RunAsync(string[] arguments, string input = "")
    {
        await using var command = Start(arguments);
        await command._process.StandardInput.WriteAsync(input.AsMemory(), Stop);
        command._process.StandardInput.Close();
        return (await command.ExitAsync(), command.Out.ToString(), command.Error.ToString());
    }

    /// <summary>Waits until a hub listens; its address.</summary>
    public async Task<string> ListensAsync()
    {
        const string Ready = "listening on ";
        return (await Out.WaitForAsync(Ready, Stop))[Ready.Length..];
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/kill", ["-" + signal, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Stop);
    }

    /// <summary>Kills the process as a crash would, and waits until it is gone.</summary>
    public async Task CrashAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(Stop);
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(Stop).WaitAsync(Patience, Stop);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static void Write(LineWriter writer, string? line)
    {
        if (line is not null)
        {
            writer.WriteLine(line);
        }
    }
}
