namespace Spillway.Cli.History;

/// <summary>Says on the standard error how far long work has come. What takes less than a second says nothing.</summary>
internal sealed class Progress(Terminal terminal, string work)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ForPeople = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ForLogs = TimeSpan.FromSeconds(10);

    private readonly long _began = terminal.Clock.GetTimestamp();
    private TimeSpan _next = First;
    private bool _hasTold;

    /// <summary>So many segments are done. A whole line, so that it stands between lines of the standard output as it should.</summary>
    public void Report(int done, int all)
    {
        var elapsed = terminal.Clock.GetElapsedTime(_began);
        if (elapsed >= _next || (_hasTold && done == all))
        {
            _hasTold = true;
            _next = elapsed + (terminal.IsErrorWatched ? ForPeople : ForLogs);
            terminal.Error.WriteLine($"spillway: {work} {done} of {all} segments");
        }
    }
}
