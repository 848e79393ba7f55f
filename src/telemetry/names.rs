//! The names of attributes on our spans: OpenTelemetry's semantic conventions for generative AI
//! (<https://opentelemetry.io/docs/specs/semconv/gen-ai/>), so that a tracing tool knows what it sees.
//!
//! Texts that a model read or wrote have conventional names too. They are left out on purpose: they are untrusted or
//! private, and belong in the journal only.

#[cfg(test)]
mod tests;

/// What was done: one of [`operation`].
pub const OPERATION_NAME: &str = "gen_ai.operation.name";
/// Who serves the model, such as `anthropic` or `ollama`.
pub const PROVIDER_NAME: &str = "gen_ai.provider.name";
/// The model that was asked for.
pub const REQUEST_MODEL: &str = "gen_ai.request.model";
/// The longest answer that was asked for, in tokens.
pub const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
/// The temperature that was asked for.
pub const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
/// The provider's id of the reply.
pub const RESPONSE_ID: &str = "gen_ai.response.id";
/// The model that answered.
pub const RESPONSE_MODEL: &str = "gen_ai.response.model";
/// Why the answer ended, such as `stop` or `length`; a list.
pub const RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
/// Tokens that were read.
pub const USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
/// Tokens that were written.
pub const USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
/// The kind of output that was asked for: `text` or `json`.
pub const OUTPUT_TYPE: &str = "gen_ai.output.type";
/// The tool that was called.
pub const TOOL_NAME: &str = "gen_ai.tool.name";
/// Which call of the run it is.
pub const TOOL_CALL_ID: &str = "gen_ai.tool.call.id";
/// The kind of tool: `function`.
pub const TOOL_TYPE: &str = "gen_ai.tool.type";
/// The conversation, which is our session.
pub const CONVERSATION_ID: &str = "gen_ai.conversation.id";
/// The kind of failure, from a closed list of ours; never a message.
pub const ERROR_TYPE: &str = "error.type";
/// The server's host.
pub const SERVER_ADDRESS: &str = "server.address";
/// The server's port.
pub const SERVER_PORT: &str = "server.port";
/// Which program tells: this one.
pub const SERVICE_NAME: &str = "service.name";
/// Which release of it.
pub const SERVICE_VERSION: &str = "service.version";
/// Our own: which task. An id of ours, as in `GET /task/{id}`.
pub const TASK_ID: &str = "task_id";

/// Values of [`OPERATION_NAME`].
pub mod operation {
    /// A chat with a model: planner or worker.
    pub const CHAT: &str = "chat";
    /// Vectors of texts.
    pub const EMBEDDINGS: &str = "embeddings";
    /// A tool's call.
    pub const EXECUTE_TOOL: &str = "execute_tool";
    /// A whole run.
    pub const INVOKE_AGENT: &str = "invoke_agent";
}

/// The attributes that may leave with a span. None holds a text that a model or a stranger wrote.
pub const EXPORTED: &[&str] = &[
    TASK_ID,
    OPERATION_NAME,
    PROVIDER_NAME,
    REQUEST_MODEL,
    REQUEST_MAX_TOKENS,
    REQUEST_TEMPERATURE,
    RESPONSE_ID,
    RESPONSE_MODEL,
    RESPONSE_FINISH_REASONS,
    USAGE_INPUT_TOKENS,
    USAGE_OUTPUT_TOKENS,
    OUTPUT_TYPE,
    TOOL_NAME,
    TOOL_CALL_ID,
    TOOL_TYPE,
    CONVERSATION_ID,
    ERROR_TYPE,
    SERVER_ADDRESS,
    SERVER_PORT,
];
