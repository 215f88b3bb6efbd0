using System.Net.Sockets;
using Spillway.TestKit;

namespace Spillway.Tests.Transports.Parked;

/// <summary>Reads the frames that a client is sent.</summary>
internal sealed class AnswerReader(Socket client)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _length;

    /// <summary>The next one, in the words of <see cref="FrameAnswers"/>; null: the end.</summary>
    public async Task<string?> TryReadAsync()
    {
        while (true)
        {
            if (TryTake(out var answer))
            {
                return answer;
            }

            var read = await ReceiveAsync();
            if (read == 0)
            {
                Assert.True(_length == 0, "The connection ended within a frame.");
                return null;
            }

            _length += read;
        }
    }

    private bool TryTake(out string? answer)
    {
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, _length);
        answer = ServerFrame.TryRead(ref bytes, out var frame) ? FrameAnswers.Describe(frame) : null;
        bytes.CopyTo(_buffer);
        _length = bytes.Length;
        return answer is not null;
    }

    private async Task<int> ReceiveAsync()
    {
        try
        {
            return await client.ReceiveAsync(_buffer.AsMemory(_length), TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
