using Spillway.Backplane;
using Spillway.Events;

namespace Spillway.TestKit;

/// <summary>Keeps what the backplane hands on, in order. A test can hold it, and with it the orderer's thread.</summary>
internal sealed class RecordingSink : IEventSink, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly Lock _lock = new();
    private readonly List<byte[]> _records = [];
    private readonly ManualResetEventSlim _open = new(true);
    private readonly SemaphoreSlim _entered = new(0);

    /// <summary>What <see cref="Accept"/> throws, as long as it is set.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Calls of <see cref="Accept"/>.</summary>
    public int Rounds { get; private set; }

    public IReadOnlyList<byte[]> Records
    {
        get
        {
            lock (_lock)
            {
                return [.. _records];
            }
        }
    }

    /// <summary>The payloads of <see cref="Records"/> as text.</summary>
    public IReadOnlyList<string> Payloads => [.. Records.Select(static record => System.Text.Encoding.UTF8.GetString(new EventRecord(record).Payload))];

    public static IEnumerable<byte[]> Split(ReadOnlySpan<byte> records)
    {
        var list = new List<byte[]>();
        for (; !records.IsEmpty; records = records[EventRecord.LengthAt(records)..])
        {
            list.Add(records[..EventRecord.LengthAt(records)].ToArray());
        }

        return list;
    }

    public void Accept(ReadOnlySpan<byte> records)
    {
        var whole = Split(records);
        lock (_lock)
        {
            Rounds++;
            _records.AddRange(whole);
        }

        _entered.Release();
        if (!_open.Wait(Patience))
        {
            throw new TimeoutException("The test did not open the sink that it held.");
        }

        if (Fault is not null)
        {
            throw Fault;
        }
    }

    /// <summary>From now on a round that comes in stays inside.</summary>
    public void Hold() => _open.Reset();

    public void Release() => _open.Set();

    /// <summary>Returns once one more round has come in.</summary>
    public async Task WaitForRoundAsync(CancellationToken cancellationToken)
    {
        if (!await _entered.WaitAsync(Patience, cancellationToken))
        {
            throw new TimeoutException("No round came in.");
        }
    }

    /// <summary>Takes note of a round that came in before, if there is one.</summary>
    public Task<bool> TryWaitForRoundAsync() => _entered.WaitAsync(TimeSpan.Zero);

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
        _entered.Dispose();
    }
}
