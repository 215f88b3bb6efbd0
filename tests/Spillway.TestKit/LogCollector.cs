using Microsoft.Extensions.Logging;

namespace Spillway.TestKit;

/// <summary>Keeps what is logged.</summary>
internal sealed class LogCollector : ILoggerProvider
{
    private readonly Lock _lock = new();
    private readonly List<(LogLevel Level, int Id, string Text)> _lines = [];

    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>What was logged as an error or worse.</summary>
    public IReadOnlyList<string> Errors => [.. Lines.Where(static line => line.Level >= LogLevel.Error).Select(static line => line.Text)];

    /// <summary>Gives <see cref="Errors"/> that a test expected, and forgets all lines.</summary>
    public IReadOnlyList<string> TakeErrors()
    {
        var errors = Errors;
        lock (_lock)
        {
            _lines.Clear();
        }

        return errors;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public ILogger<T> For<T>() => new Logger<T>(this);

    public void Dispose()
    {
    }

    private void Add(LogLevel level, int id, string text)
    {
        lock (_lock)
        {
            _lines.Add((level, id, text));
        }
    }

    private class Logger(LogCollector owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            owner.Add(logLevel, eventId.Id, exception is null ? formatter(state, null) : $"{formatter(state, exception)} {exception}");
    }

    private sealed class Logger<T>(LogCollector owner) : Logger(owner), ILogger<T>;
}
