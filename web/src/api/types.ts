// The answers of the HTTP API that the dashboard reads; docs/http-api.md is the contract.

export interface SlateItem {
  item_id: string;
  score: number;
  reason: string;
  reason_code: string;
  because: string | null;
  sources: Record<string, number>;
}

export interface Recommendations {
  recommendation_id: string;
  items: SlateItem[];
  took_ms: number;
  level: string;
  missing: string[];
  candidates: number;
  dropped: Record<string, number>;
  model_version: string | null;
  cursor: string | null;
}

export interface ItemList {
  items: SlateItem[];
  model_version: string | null;
}

export interface Item {
  id: string;
  title: string;
  description?: string;
  categories?: string[];
  tags?: string[];
  creator?: string;
  created_at?: number | null;
  duration?: number | null;
  price?: number | null;
  available?: boolean;
  regions?: string[];
  attributes?: Record<string, unknown>;
}

export interface User {
  id: string;
  country?: string;
  language?: string;
  age_group?: string;
  signup_date?: number | null;
  interests?: string[];
  follows?: string[];
  attributes?: Record<string, unknown>;
}

export interface UserEvent {
  event_id: string;
  user_id?: string | null;
  session_id?: string | null;
  item_id: string;
  action: string;
  value?: number | null;
  timestamp: number;
  recommendation_id?: string | null;
}

export interface ItemPage {
  items: Item[];
  cursor: string | null;
}

export interface UserPage {
  users: User[];
  cursor: string | null;
}

export interface EventPage {
  events: UserEvent[];
  cursor: string | null;
}

export interface EventsAnswer {
  accepted: number;
  duplicates: number;
  rejected: number;
  results: { event_id: string; status: string; error?: { code: string; message: string; field: string | null } }[];
}

export interface ModelVersion {
  version: string;
  stage?: string;
  created_at: number;
  metrics: Record<string, number>;
  note?: string;
}

export interface Stats {
  version: string;
  now: number;
  uptime_s: number;
  store: { items: number; users: number; events: number };
  requests: {
    total: number;
    errors: number;
    per_second: number;
    latency_ms: { p50: number | null; p90: number | null; p99: number | null; p999: number | null; max: number | null };
    levels: Record<string, number>;
  };
  events: {
    accepted: number;
    duplicates: number;
    rejected: number;
    per_second: number;
    lag: number;
    dead_letters: number;
  };
  impressions: { answers: number; bytes: number; dropped: number };
  sources: Record<string, number>;
  series: {
    step_s: number;
    start: number;
    requests: (number | null)[];
    events: (number | null)[];
    p50_ms: (number | null)[];
    p99_ms: (number | null)[];
  };
  model: ModelVersion | null;
  models: ModelVersion[];
}
