using System.Text;

namespace Spillway.TestKit;

/// <summary>Collects what is written, and lets a test wait for a line of it.</summary>
internal sealed class LineWriter : TextWriter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly Lock _lock = new();
    private readonly StringBuilder _line = new();
    private readonly List<string> _lines = [];
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Came)> _waiters = [];

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>The whole lines so far.</summary>
    public string[] Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>All text so far.</summary>
    public override string ToString()
    {
        lock (_lock)
        {
            return string.Concat(_lines.Select(static line => line + "\n")) + _line;
        }
    }

    public override void Write(char value)
    {
        lock (_lock)
        {
            if (value != '\n')
            {
                _line.Append(value);
                return;
            }

            var line = _line.ToString().TrimEnd('\r');
            _line.Clear();
            _lines.Add(line);
            foreach (var waiter in _waiters.FindAll(waiter => waiter.Wanted(line)))
            {
                _waiters.Remove(waiter);
                waiter.Came.TrySetResult(line);
            }
        }
    }

    /// <summary>The first line, past or to come, that holds <paramref name="text"/>.</summary>
    public Task<string> WaitForAsync(string text, CancellationToken cancellationToken) => WaitForAsync(line => line.Contains(text, StringComparison.Ordinal), cancellationToken);

    /// <summary>The first line, past or to come, that is wanted.</summary>
    public Task<string> WaitForAsync(Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_lines.Find(line => wanted(line)) is { } line)
            {
                return Task.FromResult(line);
            }

            var came = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((wanted, came));
            return came.Task.WaitAsync(Patience, cancellationToken);
        }
    }
}
