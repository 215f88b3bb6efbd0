using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Spillway.EndToEnd.Tests.Bodies;

/// <summary>Tells when a hub has looked at what there is of a request's body and waits for more: only then is what the client does next something that happens within the body.</summary>
internal sealed class BodyWatch : IStartupFilter, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly SemaphoreSlim _waits = new(0);

    /// <summary>What happens to a request just before a read of its body is cancelled.</summary>
    public Action<HttpContext>? BeforeInterrupt { get; init; }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((HttpContext context, RequestDelegate after) =>
        {
            if (!HttpMethods.IsGet(context.Request.Method))
            {
                context.Features.Set<IRequestBodyPipeFeature>(new Watched(context, context.Request.BodyReader, _waits, BeforeInterrupt));
            }

            return after(context);
        });
        next(app);
    };

    /// <summary>Returns once one more body is waited for, of which something has come.</summary>
    public async Task WaitAsync() => Assert.True(await _waits.WaitAsync(Patience, TestContext.Current.CancellationToken), "Nobody waits for the rest of a body.");

    public void Dispose() => _waits.Dispose();

    private sealed class Watched(HttpContext context, PipeReader inner, SemaphoreSlim waits, Action<HttpContext>? beforeInterrupt) : PipeReader, IRequestBodyPipeFeature
    {
        private bool _some;
        private bool _told;

        public PipeReader Reader => this;

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
#pragma warning disable CA2012 // Consumed by the caller; looked at here only to see whether it waits.
            var read = inner.ReadAsync(cancellationToken);
            if (!read.IsCompleted && _some && !_told)
            {
                _told = true;
                waits.Release();
            }

            return read;
#pragma warning restore CA2012
        }

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            _some = true;
            inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead()
        {
            beforeInterrupt?.Invoke(context);
            inner.CancelPendingRead();
        }

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
