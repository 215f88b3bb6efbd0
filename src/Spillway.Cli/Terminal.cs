using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Cli;

/// <summary>What a command reads from and writes to.</summary>
/// <param name="Out">What the command is for; flushed after every line.</param>
/// <param name="Error">Everything else: faults, gaps, the connection's state.</param>
/// <param name="OpenInput">Opens the standard input.</param>
/// <param name="Colours">Whether a person looks at <paramref name="Out"/>.</param>
/// <param name="Environment">The value of an environment variable; null if it is not set.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, Func<Stream> OpenInput, bool Colours, IReadOnlyDictionary<string, string> Environment)
{
    private const string CommandVariable = "SPILLWAY_COMMAND";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Whether a person looks at <see cref="Error"/>.</summary>
    public bool IsErrorWatched { get; init; }

    /// <summary>What time it is.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where the files begin in which the machine describes itself.</summary>
    public string Root { get; init; } = "/";

    /// <summary>How the command is run, as one types it: what the script that ran it says, else its name.</summary>
    public string Command => Environment.TryGetValue(CommandVariable, out var command) && command.Length > 0 ? command : "spillway";

    public static Terminal OfThisProcess()
    {
        var variables = System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(static entry => (string)entry.Key, static entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
        return new Terminal(
            new StreamWriter(OpenOutput(), Utf8) { AutoFlush = true },
            Console.Error,
            Console.OpenStandardInput,
            !Console.IsOutputRedirected && !variables.ContainsKey("NO_COLOR"),
            variables)
        {
            IsErrorWatched = !Console.IsErrorRedirected,
        };
    }

    /// <summary>A pipe is written to directly: .NET's console stream hides that its reader has gone, and a subscription would go on for nobody.</summary>
    private static Stream OpenOutput()
    {
        if (Console.IsOutputRedirected && !OperatingSystem.IsWindows())
        {
            var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!pipe.CanSeek)
            {
                return pipe;
            }
        }

        return Console.OpenStandardOutput(); // A file may be shared with the standard error; this stream always writes at its end.
    }
}
