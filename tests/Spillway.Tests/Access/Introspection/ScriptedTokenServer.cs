using System.Text;
using Spillway.Access.Introspection;
using Spillway.Access.Tokens;

namespace Spillway.Tests.Access.Introspection;

/// <summary>A server that says of tokens what a test has it say, and when it does.</summary>
internal sealed class ScriptedTokenServer : ITokenServer
{
    private readonly SemaphoreSlim _may = new(0);
    private int _calls;

    public string Place => "https://login.example/introspect";

    /// <summary>What it answers; null: it is out of order.</summary>
    public string? Answer { get; set; } = """{"active":false}""";

    /// <summary>Whether it answers only when <see cref="Release"/> is called.</summary>
    public bool Waits { get; set; }

    public int Calls => Volatile.Read(ref _calls);

    public bool IsDisposed { get; private set; }

    public void Release(int answers = 1) => _may.Release(answers);

    public async Task<KeyFetch> AskAsync(string token, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (Waits)
        {
            await _may.WaitAsync(cancellationToken);
        }

        return Answer is { } answer ? new KeyFetch(Encoding.UTF8.GetBytes(answer), "") : new KeyFetch(null, "answers 500");
    }

    public void Dispose()
    {
        IsDisposed = true;
        _may.Dispose();
    }
}
