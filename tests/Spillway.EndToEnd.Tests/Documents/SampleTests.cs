using System.Text.RegularExpressions;
using Spillway.EndToEnd.Tests.Cli;

namespace Spillway.EndToEnd.Tests.Documents;

/// <summary>The samples do what their README says.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-test-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Minimal_Started_ServesItsPageAndPublishesTheTime()
    {
        var directory = Path.Combine(Tree.Root, "samples", "minimal");
        const string Ready = "Now listening on: ";
        await using var sample = CommandProcess.Start(Executable("Minimal"), ["--urls", "http://127.0.0.1:0", "--contentRoot", directory]);
        using var client = new HttpClient { BaseAddress = new Uri((await sample.Out.WaitForAsync(Ready, Stop)).Split(Ready)[1]) };

        var page = await client.GetStringAsync(new Uri("/", UriKind.Relative), Stop);
        var path = Regex.Match(page, "EventSource\\(\"([^\"]+)\"").Groups[1].Value;
        using var reader = new StreamReader(await client.GetStreamAsync(new Uri(path, UriKind.Relative), Stop));
        List<string> times = [];
        while (times.Count < 2 && await reader.ReadLineAsync(Stop) is { } line)
        {
            if (Regex.IsMatch(line, "^data: .*[0-9]:[0-9]{2}"))
            {
                times.Add(line);
            }
        }

        Assert.Equal(2, times.Distinct().Count());
        Assert.InRange((await File.ReadAllLinesAsync(Path.Combine(directory, "Program.cs"), Stop)).Length, 1, 29);
    }

    [Fact]
    public async Task ConsoleSubscriber_StartedAgain_GoesOnBehindWhatItSaw()
    {
        var (process, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var hub = process;
        string[] arguments = [url, "a/**", Path.Combine(_directory.FullName, "cursor")];
        await PublishAsync("one");
        await using (var first = CommandProcess.Start(Executable("ConsoleSubscriber"), arguments))
        {
            await first.Out.WaitForAsync("a/1 one", Stop);
            await PublishAsync("two");
            await first.Out.WaitForAsync("a/1 two", Stop);
        }

        await PublishAsync("three");
        await using var second = CommandProcess.Start(Executable("ConsoleSubscriber"), arguments);
        await second.Out.WaitForAsync("a/1 three", Stop);

        // The second may come again: it is printed before its cursor is stored, and the process was killed in between or after.
        Assert.DoesNotContain(second.Out.Lines, static line => line.EndsWith("one", StringComparison.Ordinal));

        Task PublishAsync(string payload) => CommandProcess.RunAsync(["publish", "a/1", payload, "--hub", url]);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    // Beside the tests' own output: the samples are built with the tests.
    private static string Executable(string name)
    {
        var own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        return Path.Combine(own, "..", "..", $"Spillway.Samples.{name}", Path.GetFileName(own), $"Spillway.Samples.{name}");
    }
}
