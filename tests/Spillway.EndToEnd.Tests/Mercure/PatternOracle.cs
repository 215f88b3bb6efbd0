using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Documents;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>What implementations that are not ours say of patterns and URLs: urlpattern-polyfill (npm), and the URL class of Node.</summary>
internal static class PatternOracle
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A line for each question: "!" for a pattern that is refused, else a digit for each topic.</summary>
    public static Task<string[]> AskAsync(IEnumerable<(string Pattern, IEnumerable<string> Topics)> questions, string hub, CancellationToken cancellation) =>
        RunAsync(questions.Select(question => JsonSerializer.Serialize(new { hub, pattern = question.Pattern, topics = question.Topics }, Plain)), cancellation);

    /// <summary>A line for each URL: its text, or "!" where it is none.</summary>
    public static Task<string[]> ReadAsync(IEnumerable<string> urls, string hub, CancellationToken cancellation) =>
        RunAsync(urls.Select(url => JsonSerializer.Serialize(new { hub, url }, Plain)), cancellation);

    private static async Task<string[]> RunAsync(IEnumerable<string> lines, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(Tree.Root, "tests/js/urlPatterns.js")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        foreach (var line in lines)
        {
            await process.StandardInput.WriteLineAsync(line.AsMemory(), cancellation);
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellation);
        Assert.True(process.ExitCode == 0, await error);
        return (await output).TrimEnd('\n').Split('\n');
    }
}
